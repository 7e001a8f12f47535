"""All messages of errors, by code: (Portuguese, English). One file per room; a code has one meaning."""

from charrnn.errors.messages import (
    command_messages,
    common_messages,
    corpus_messages,
    doctor_messages,
    model_messages,
    page_messages,
    sampling_messages,
    serving_messages,
    sharing_messages,
    training_messages,
)

MESSAGES: dict[str, tuple[str, str]] = (
    common_messages.MESSAGES
    | corpus_messages.MESSAGES
    | doctor_messages.MESSAGES
    | model_messages.MESSAGES
    | sampling_messages.MESSAGES
    | sharing_messages.MESSAGES
    | training_messages.MESSAGES
    | command_messages.MESSAGES
    | page_messages.MESSAGES
    | serving_messages.MESSAGES
)
