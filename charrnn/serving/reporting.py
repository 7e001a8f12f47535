"""What went wrong while a request was answered: what its client is told, in which language, and what the log gets."""

import re
import sys
import traceback
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Scope

from charrnn.errors import UserError
from charrnn.errors.quantities import Language

COOKIE = "charrnn_language"  # set by the switch on the page
STANDARD, SCHEMA = "/v1/", "/openapi.json"  # the standard endpoint, and its description
CALLED = ("/gradio_api/queue/join", "/gradio_api/run/")  # by the page
TOKENS = ("/tokenizer_info", "/tokenize", "/detokenize")  # for programs that count tokens themselves
KINDS = {401: "authentication_error", 429: "rate_limit_error", 500: "server_error"}  # of errors, as OpenAI's
_logged: set[tuple[str, int, str]] = set()  # where bugs were: a visitor who finds one must not fill the log


def is_standard(path: str) -> bool:
    """Return whether a route belongs to the standard endpoint."""
    return path.startswith(STANDARD) or path in (SCHEMA, *TOKENS)


class RefusedError(Exception):
    """A request that is not answered. retry: the seconds after which it may be made again; 0: it need not be."""

    def __init__(self, status: int, error: UserError, retry: float = 0.0) -> None:
        super().__init__(str(error))
        self.status, self.error, self.retry = status, error, retry


def refusal_response(scope: Scope, refused: RefusedError, names: Mapping[str, str] | None = None) -> Response:
    """Return the answer to a refused request: one line or, to a program that expects it, JSON.

    To the standard endpoint, it is OpenAI's error; to gradio's script in the browser, what it shows. names: see
    `error_body`.
    """
    language = language_of(Request(scope).headers)
    headers = {"Retry-After": str(int(refused.retry) + 1)} if refused.retry else {}
    if is_standard(scope["path"]):
        return JSONResponse(error_body(refused, language, names), refused.status, headers)
    line = refused.error.render(language)
    if scope["path"].startswith(CALLED):
        return JSONResponse({"detail": line, "error": line}, refused.status, headers)
    return PlainTextResponse(f"{line}\n", refused.status, headers)


def error_body(refused: RefusedError, language: Language, names: Mapping[str, str] | None = None) -> dict[str, object]:
    """Return OpenAI's JSON of an error. names: what a request calls a setting, where that differs from ours."""
    error, names = refused.error, names or {}
    setting = error.facts.get("setting")
    return {
        "error": {
            "message": error.render(language, names),
            "type": KINDS.get(refused.status, "invalid_request_error"),
            "param": None if setting is None else names.get(str(setting), str(setting)),
            "code": error.code,
        }
    }


def language_of(headers: Mapping[str, str]) -> Language:
    """Return the language chosen with the page's switch, else Portuguese if the client prefers it, else English."""
    chosen = re.search(rf"(?:^|;)\s*{COOKIE}=(pt|en)\s*(?:;|$)", headers.get("cookie", ""))
    if chosen:
        return "pt" if chosen[1] == "pt" else "en"
    return "pt" if headers.get("accept-language", "").strip().lower().startswith("pt") else "en"


def is_fault(error: BaseException) -> bool:
    """Return whether something went wrong, in place of an end. A panic of a library in Rust is no Exception."""
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"


def log_bug(error: BaseException) -> None:
    """Print the traceback of a bug the first time that it occurs at its place, later a line."""
    last = traceback.extract_tb(error.__traceback__)[-1:]
    place = (*[(one.filename, one.lineno or 0) for one in last], ("", 0))[0]
    line = f"{type(error).__name__}: {str(error).partition(chr(10))[0][:200]!r}"
    if (found := (*place, type(error).__name__)) in _logged:
        print(f"charrnn: {line}, as before, at {place[0]}:{place[1]}", file=sys.stderr)
    else:
        _logged.add(found)
        traceback.print_exception(error)
