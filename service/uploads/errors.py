"""Why a file gives no article, beyond what any text can be refused for. Imports nothing that is slow to load."""

from models.errors import InputRefused


class FileKindRefused(InputRefused):
    """The file is of no kind that is read, or not of the kind that its name says."""

    code = "file_kind"


class FileUnreadable(InputRefused):
    """The file is damaged, locked by a password, or takes more memory or time than a file may."""

    code = "file_unreadable"
