"""Every message of an error, by its code: (Portuguese, English). One file per room; a code has one meaning."""

from charrnn.errors.messages import common_messages, config_messages, corpus_messages, model_messages

MESSAGES: dict[str, tuple[str, str]] = (
    common_messages.MESSAGES | config_messages.MESSAGES | corpus_messages.MESSAGES | model_messages.MESSAGES
)
