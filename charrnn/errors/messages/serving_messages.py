"""What the standard endpoint does not answer, and what keeps it from being served."""

MESSAGES: dict[str, tuple[str, str]] = {  # code: (Portuguese, English)
    "not-a-json-object": (
        "o corpo do pedido não é um objeto JSON em UTF-8; a descrição está em /openapi.json",
        "the body of the request is no JSON object in UTF-8; /openapi.json describes it",
    ),
    "unknown-field": (
        "{setting}: campo desconhecido{near} Há estes: {known}",
        "{setting}: unknown field{near} There are: {known}",
    ),
    "field-of-other-type": (
        "{setting}: este campo não aceita um valor deste tipo; /openapi.json descreve os campos",
        "{setting}: this field takes no value of that type; /openapi.json describes the fields",
    ),
    "field-without-effect": (
        "{setting}: este servidor não oferece este campo; deixe-o fora ou em {allowed}",
        "{setting}: this server does not offer this field; leave it out or at {allowed}",
    ),
    "prompt-not-text": (
        "{setting}: esperado um texto ou uma lista de textos; números de tokens não servem, pois mudam de modelo para "
        "modelo",
        "{setting}: expected a text or a list of texts; token ids are not taken, as they differ between models",
    ),
    "not-code-points": (
        "{setting}: esperados os números de caracteres Unicode, como os dá /tokenize",
        "{setting}: expected numbers of Unicode characters, as /tokenize gives them",
    ),
    "stream-options": (
        "{setting}: esperado um objeto que só tenha include_usage, true ou false",
        "{setting}: expected an object that has only include_usage, true or false",
    ),
    "no-served-model": (
        "este servidor não tem o modelo {name!r}{near} Tem estes: {known}",
        "this server has no model {name!r}{near} It has: {known}",
    ),
    "two-served-models": (
        "--model: dois modelos se chamam {name}; sirva só um deles",
        "--model: two models are called {name}; serve only one of them",
    ),
    "no-such-route": (
        "não há {route} aqui; há GET /v1/models, GET /v1/models/NOME, POST /v1/completions e GET /openapi.json",
        "there is no {route} here; there are GET /v1/models, GET /v1/models/NAME, POST /v1/completions and "
        "GET /openapi.json",
    ),
    "no-api-key": (
        "falta a chave: envie o cabeçalho Authorization: Bearer CHAVE",
        "the key is missing: send the header Authorization: Bearer KEY",
    ),
    "wrong-key": ("a chave está errada", "the key is wrong"),
    "not-a-key": (
        "--api-key: esperados caracteres ASCII visíveis, sem espaços, ao menos um",
        "--api-key: expected visible ASCII characters without spaces, at least one",
    ),
    "unexpected": (
        "algo deu errado aqui dentro; o terminal do servidor mostra o quê",
        "something went wrong inside; the server's terminal shows what",
    ),
}
