"""From many requests to full batches: a bounded queue, pure packing, and one compute thread per device."""
