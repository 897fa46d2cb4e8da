from concurrent.futures import ThreadPoolExecutor

import pytest

from models.errors import LanguageUnknown
from models.text.detect import detect, languages

SENTENCES = {
    "ar": "أعلنت بلدية الوادي أمس افتتاح سوق جديدة للخضار في وسط المدينة",
    "fa": "شهردار گفت که بازار تازه میوه و سبزی فردا در مرکز شهر گشایش می‌یابد",
    "ur": "میئر نے کہا ہے کہ شہر کے وسط میں سبزیوں کی نئی منڈی کل کھل جائے گی",
    "ckb": "سەرۆکی شارەوانی گوتی بازاڕی نوێی سەوزە سبەی لە ناوەندی شار دەکرێتەوە",
    "ps": "د ښار مشر وايي چې د سبو نوی بازار به سبا د ښار په منځ کې پرانیستل شي",
    "en": "The mayor said a new vegetable market would open in the centre of the town tomorrow",
    "fr": "Le maire a déclaré qu'un nouveau marché ouvrirait demain au centre de la ville",
    "es": "El alcalde dijo que mañana abrirá un nuevo mercado en el centro de la ciudad",
    "tr": "Belediye başkanı, yeni sebze pazarının yarın şehir merkezinde açılacağını söyledi",
    "de": "Der Bürgermeister sagte, ein neuer Markt werde morgen im Zentrum der Stadt eröffnet",
    "it": "Il sindaco ha detto che domani aprirà un nuovo mercato nel centro della città",
    "pt": "O prefeito disse que amanhã será aberto um novo mercado no centro da cidade",
    "ru": "Мэр сообщил, что завтра в центре города откроется новый овощной рынок",
    "uk": "Мер повідомив, що завтра в центрі міста відкриється новий овочевий ринок",
    "zh": "市长表示，新的蔬菜市场明天将在市中心开业",
    "ja": "市長は、新しい野菜市場が明日、市の中心部に開かれると述べた",
    "ko": "시장은 내일 도심에 새 채소 시장이 문을 연다고 말했다",
    "hi": "महापौर ने कहा कि शहर के बीच में सब्ज़ियों की नई मंडी कल खुलेगी",
    "id": "Wali kota mengatakan bahwa pasar sayur baru akan dibuka besok di pusat kota karena permintaan warga",
    "th": "นายกเทศมนตรีกล่าวว่าตลาดผักแห่งใหม่จะเปิดในวันพรุ่งนี้",
    "he": "ראש העיר אמר כי שוק ירקות חדש ייפתח מחר במרכז העיר",
    "sw": "Meya alisema soko jipya la mboga litafunguliwa kesho katikati ya mji",
}


@pytest.mark.parametrize("code", SENTENCES)
def test_tells_languages_apart(code: str) -> None:
    found = detect(SENTENCES[code])
    assert found.code == code
    assert 0.5 < found.confidence <= 1


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("مجلس الأمن", "ar"),
        ("شورای امنیت", "fa"),
        ("Hello", "en"),
        ("Market opens in old town", "en"),
        ("Erdoğan konuştu", "tr"),
    ],
)
def test_short_titles(title: str, code: str) -> None:
    assert detect(title).code == code


@pytest.mark.parametrize("text", ["", "123 456", "😀😀", "https://example.org/a", "٣٫٥", "—"])
def test_what_has_no_language_is_refused(text: str) -> None:
    with pytest.raises(LanguageUnknown):
        detect(text)


def test_a_caption_in_english_does_not_speak_for_an_arabic_article() -> None:
    assert detect("Fishermen at the old harbour of the town\n" + (SENTENCES["ar"] + ". ") * 20).code == "ar"


def test_english_is_never_bengali() -> None:
    assert all(detect(word).code != "bn" for word in SENTENCES["en"].split() if len(word) > 1)


def test_threads_get_the_same_answers() -> None:
    texts = list(SENTENCES.values()) * 20
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(detect, texts)) == [detect(text) for text in texts]


def test_lists_its_languages() -> None:
    assert set(SENTENCES) <= languages()
