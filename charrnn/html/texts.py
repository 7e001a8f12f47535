"""Every text of the report, in Portuguese and English, side by side."""

from charrnn.errors.quantities import Language

TEXTS: dict[str, tuple[str, str]] = {  # key: (Portuguese, English)
    "title": ("Dentro da memória", "Inside the memory"),
    "subtitle": (
        "O que uma rede recorrente lembra de um texto de {characters} caracteres. Modelo: {model}.",
        "What a recurrent network remembers of a text of {characters} characters. Model: {model}.",
    ),
    # 1. The network drawn
    "drawn": ("A rede, número por número", "The network, number by number"),
    "recurrent_1": (
        "Uma rede recorrente lê um texto caractere por caractere: a cada instante t entra um deles, X<sub>t</sub>, e "
        "dele e da memória M<sub>t</sub> se calcula a camada oculta, H<sub>t</sub>.",
        "A recurrent network reads a text character by character: at each instant t one of them comes in, "
        "X<sub>t</sub>, and from it and the memory M<sub>t</sub> the hidden layer is computed, H<sub>t</sub>.",
    ),
    "recurrent_2": (
        "A memória é a camada oculta do instante anterior, M<sub>t</sub> = H<sub>t−1</sub>: ela espera um instante e "
        "volta; e como H<sub>t−1</sub> já dependia de H<sub>t−2</sub>, tudo o que foi lido está nela, acumulado.",
        "The memory is the hidden layer of the instant before, M<sub>t</sub> = H<sub>t−1</sub>: it waits one instant "
        "and comes back; and as H<sub>t−1</sub> depended on H<sub>t−2</sub>, all that was read is in it, accumulated.",
    ),
    "recurrent_3": (
        "Da camada oculta sai S<sub>t</sub>: quão provável é que cada caractere seja o próximo.",
        "Out of the hidden layer comes S<sub>t</sub>: how likely each character is to be the next.",
    ),
    "taught": (
        "Esta rede tem {hidden} neurônios ocultos e acaba de aprender, só para este relatório, uma única "
        "palavra: «{word}» (↵ marca o começo e o fim). Em média, ela precisa de {bits} bits por caractere.",
        "This network has {hidden} hidden neurons and has just learned, for this report only, a single word: “{word}” "
        "(↵ marks where it begins and ends). On average it needs {bits} bits per character.",
    ),
    "unrolled_caption": (
        "A palavra inteira, instante por instante. Siga as linhas tracejadas: o que era H volta, um instante depois, "
        "como M.",
        "The whole word, instant by instant. Follow the dashed lines: what was H comes back, an instant later, as M.",
    ),
    "pair_caption": (
        "Duas vezes entra a mesma letra, «{letter}»; o que muda é a memória. Por isso a rede espera «{one}» na "
        "primeira vez e «{other}» na segunda.",
        "The same letter comes in twice, “{letter}”; what differs is the memory. So the network expects “{one}” the "
        "first time and “{other}” the second.",
    ),
    "single_caption": (
        "Um instante de perto: o que chega a H vem da letra e da memória.",
        "One instant, closely: what reaches H comes from the letter and from the memory.",
    ),
    "worked": (
        "Conferindo à mão o primeiro neurônio oculto no instante {time}:",
        "The first hidden neuron at instant {time}, by hand:",
    ),
    "weights": (
        "Todos os pesos da pequena rede (arredondados a duas casas; todo o resto se calcula deles)",
        "All weights of the small network (rounded to two decimals; all else is computed from them)",
    ),
    "waits": ("guardada por um instante", "kept for one instant"),
    "input": ("entrada", "input"),
    "memory": ("memória", "memory"),
    "hidden": ("oculta", "hidden"),
    "output": ("saída", "output"),
    "instant_said": (
        "Instante {time}: entra {character}; o mais esperado é {expected}, com {chance}",
        "Instant {time}: {character} comes in; most expected is {expected}, with {chance}",
    ),
    "unrolled_said": (
        "A rede lendo {word}: X, M, H e S a cada instante",
        "The network reading {word}: X, M, H and S at each instant",
    ),
    # 2. Surprisal
    "surprised": ("O que surpreendeu o modelo", "What surprised the model"),
    "surprised_intro": (
        "Antes de cada caractere, o modelo dá uma probabilidade a todos. Quanto menos provável era o que veio, mais "
        "bits ele custa: 1 bit é uma moeda, 0 é certeza. Este texto custa em média <b>{bits} bits por caractere</b>. "
        "Passe sobre uma letra para ver o que era esperado ali.",
        "Before each character, the model gives all of them a probability. The less likely the one that came, the more "
        "bits it costs: 1 bit is the toss of a coin, 0 is certainty. This text costs <b>{bits} bits per character</b> "
        "on average. Point at a letter to see what was expected there.",
    ),
    "hardest": ("Lugares mais difíceis: {count}", "Hardest places: {count}"),
    "bits": ("bits", "bits"),
    "came": ("o que veio", "what came"),
    "expected": ("o que era esperado", "what was expected"),
    "told": ("{bits} bits; esperado: {expected}", "{bits} bits; expected: {expected}"),
    "bits_between": ("{low} a {high} bits", "{low} to {high} bits"),
    "bits_beyond": ("mais de {low}", "more than {low}"),
    "unknown": ("caractere que o modelo não conhece", "character the model does not know"),
    # 3. Memory map
    "map": ("O mapa da memória", "The map of the memory"),
    "map_intro": (
        "Cada linha é um dos {units} neurônios da camada oculta, cada coluna um dos primeiros {characters} "
        "caracteres. Azul é positivo, laranja negativo, papel é zero. Os que agem de modo parecido estão juntos.",
        "Each row is one of the {units} neurons of the hidden layer, each column one of the first {characters} "
        "characters. Blue is positive, orange negative, paper is zero. Neurons that act alike stand together.",
    ),
    "map_said": (
        "Mapa de calor: {units} neurônios por {characters} caracteres",
        "Heat-map: {units} neurons by {characters} characters",
    ),
    "follow": ("Será que algum neurônio acompanha alguma coisa?", "Does a neuron follow anything?"),
    "follow_intro": (
        "Entre tantos neurônios, um sempre se parece com alguma coisa, por acaso. Por isso a correlação r do melhor "
        "neurônio é comparada com a que se obtém quando a propriedade é deslocada ao longo do texto ({shifts} vezes; o "
        "limite do acaso é superado só uma vez em mil). O neurônio é achado na primeira metade do texto e tem de se "
        "confirmar na segunda. Uma correlação não diz que o neurônio é necessário, nem que só ele lembra.",
        "Among so many neurons, one always resembles something, by chance. So the best neuron's correlation r is held "
        "against what is reached when the property is shifted along the text ({shifts} times; the limit of chance is "
        "passed once in a thousand). The neuron is found in the first half of the text and must be confirmed in the "
        "second. A correlation does not say that the neuron is needed, nor that it alone remembers.",
    ),
    "follow_short": (
        "O texto é curto demais para distinguir um neurônio do acaso: são precisos pelo menos {least} caracteres.",
        "The text is too short to tell a neuron from chance: it takes at least {least} characters.",
    ),
    "property": ("propriedade", "property"),
    "unit": ("neurônio", "neuron"),
    "r_here": ("correlação na 1ª metade", "correlation in the 1st half"),
    "limit": ("acaso até {chance}", "chance up to {chance}"),
    "r_there": ("correlação na 2ª metade", "correlation in the 2nd half"),
    "verdict": ("veredito", "verdict"),
    "confirmed": ("confirmado", "confirmed"),
    "unconfirmed": ("não se confirmou", "not confirmed"),
    "chance": ("não passa do acaso", "no more than chance"),
    "absent": ("não há no texto", "not in the text"),
    "remembered": ("precisa de memória", "needs memory"),
    "of_character": ("está na própria letra", "is in the letter itself"),
    "space": ("espaço", "space"),
    "newline": ("fim de linha", "line end"),
    "vowel": ("vogal", "vowel"),
    "accent": ("letra com acento", "accented letter"),
    "capital": ("maiúscula", "capital letter"),
    "quotes": ("entre aspas", "in quotation marks"),
    "speech": ("fala, após travessão", "speech, after a dash"),
    "parentheses": ("entre parênteses", "in parentheses"),
    "position_in_word": ("posição na palavra", "position in the word"),
    "position_in_line": ("posição na linha", "position in the line"),
    "strip_caption": (
        "De perto: os neurônios que se confirmaram, letra por letra, no começo do texto.",
        "Closely: the neurons that were confirmed, letter by letter, at the beginning of the text.",
    ),
    "strip_said": ("Neurônios ao longo de {text}", "Neurons along {text}"),
    "unit_caption": (
        "O neurônio {unit} ({property}, r = {r}) no texto:",
        "Neuron {unit} ({property}, r = {r}) along the text:",
    ),
    # 4. Reach
    "reach": ("Até onde a memória alcança", "How far the memory reaches"),
    "reach_intro": (
        "Primeiro, esquecendo de propósito: o texto é lido em pedaços, cada um a partir de uma memória vazia. Quanto "
        "mais caracteres já foram lidos desde então, menos bits custa o próximo. Onde a curva deixa de cair, a "
        "memória já não ganha nada em olhar mais para trás. A faixa contém a média em 95 de 100 casos.",
        "First, by forgetting on purpose: the text is read in pieces, each from an empty memory. The more characters "
        "were read since, the fewer bits the next one costs. Where the curve no longer falls, the memory gains nothing "
        "by looking farther back. The band holds the mean in 95 of 100 cases.",
    ),
    "reach_x": ("caracteres lidos desde que a memória estava vazia", "characters read since the memory was empty"),
    "reach_y": ("bits por caractere", "bits per character"),
    "reach_said": (
        "De {first} bits por caractere com memória de {near} a {last} com memória de {far}",
        "From {first} bits per character with a memory of {near} to {last} with a memory of {far}",
    ),
    "influence_intro": (
        "Depois, por gradientes: quanto mudaria cada previsão se um caractere anterior mudasse um pouco? Em média, "
        "metade da influência vem dos últimos <b>{half}</b> caracteres e nove décimos dos últimos <b>{most}</b> "
        "(entre {back}).{fixed}",
        "Then, by gradients: how much would each prediction change if an earlier character changed a little? On "
        "average, half of the influence comes from the last <b>{half}</b> characters and nine tenths from the last "
        "<b>{most}</b> (of {back}).{fixed}",
    ),
    "influence_fixed": (
        " O que a contagem espera, que não passa pela memória recorrente, fica fixo.",
        " What the counts expect, which does not pass through the recurrent memory, is held fixed.",
    ),
    "influence_x": ("últimos N caracteres", "last N characters"),
    "influence_y": ("parte da influência", "share of the influence"),
    "influence_said": ("Influência acumulada por distância", "Influence accumulated by distance"),
    "one_place": (
        "Um exemplo, o último caractere do texto (emoldurado): mais azul é o que mais pesou na sua previsão.",
        "An example, the last character of the text (framed): the bluer, the more it mattered to its prediction.",
    ),
    "too_short": (
        "O texto é curto demais para isso: são precisos pelo menos {least} caracteres.",
        "The text is too short for this: it takes at least {least} characters.",
    ),
    # 5. Interventions
    "changed": ("Mexendo na memória", "Changing the memory"),
    "changed_intro": (
        "Para que serve a memória? Em {places} lugares do texto ela é alterada, e os {ahead} caracteres seguintes são "
        "previstos a partir dali. O resto que o modelo sabe (as últimas letras, para as regras de escrita{counts}) "
        "não muda. À direita, como o modelo continuaria o texto em um desses lugares, sempre com a mesma semente.",
        "What is the memory good for? At {places} places of the text it is changed, and the {ahead} characters after "
        "each are predicted from there. What else the model knows (the last letters, for the rules of "
        "spelling{counts}) stays. On the right, how the model would go on at one of these places, always with the "
        "same seed.",
    ),
    "changed_counts": (", e o que a contagem espera", ", and what the counts expect"),
    "change": ("o que se fez com a memória", "what was done to the memory"),
    "bits_after": ("bits por caractere", "bits per character"),
    "extra": ("a mais", "more"),
    "continuation": ("continuação", "continuation"),
    "untouched": ("nada: como era", "nothing: as it was"),
    "zeroed": ("zerada", "set to zero"),
    "shuffled": ("números embaralhados", "numbers shuffled"),
    "kept": ("só os {kept} neurônios mais fortes", "only the {kept} strongest neurons kept"),
    "clamped": ("o neurônio mais forte invertido", "the strongest neuron turned round"),
    "swapped": ("trocada pela de outro lugar do texto", "swapped for that of another place"),
    # In a notebook
    "score_headline": ("<b>{bits} bits por caractere</b> · {model}", "<b>{bits} bits per character</b> · {model}"),
    "score_note": (
        "como escolher entre {perplexity} caracteres igualmente prováveis · {per_byte} bits por byte · caracteres: "
        "{characters}, fora do vocabulário: {unknown} · {weights}",
        "like choosing among {perplexity} equally likely characters · {per_byte} bits per byte · characters: "
        "{characters}, outside the vocabulary: {unknown} · {weights}",
    ),
    "score_static": ("pesos fixos", "fixed weights"),
    "score_adaptive": ("pesos que aprendem durante a leitura", "weights that learn while reading"),
    "left_out": ("São mostrados {shown} de {all} caracteres.", "Showing {shown} of {all} characters."),
    "trace_units": (
        "Os {units} neurônios que mais variam, letra por letra: azul é positivo, laranja é negativo.",
        "The {units} neurons that vary most, letter by letter: blue is positive, orange is negative.",
    ),
    # 6. How it was measured
    "measured": ("Como se mediu", "How it was measured"),
    "measured_text": (
        "Todos os números vêm do modelo {model} ({cell}, {layers} × {units} neurônios), lendo este texto a "
        "partir de uma quebra de linha, como faz <code>charrnn score</code>. H é guardado com 16 bits. Feito com "
        "<code>charrnn inspect --out</code>.",
        "All numbers come from the model {model} ({cell}, {layers} × {units} neurons), reading this text "
        "after a line end, as <code>charrnn score</code> does. H is kept with 16 bits. Made with "
        "<code>charrnn inspect --out</code>.",
    ),
    # A text with suggestions
    "accents_title": ("Texto acentuado", "Text with accents"),
    "changes_made": (
        "Palavras acentuadas: {count}. Passe sobre uma, ou toque nela, para ver o quanto é certa.",
        "Words that got accents: {count}. Point at one, or touch it, to see how sure it is.",
    ),
    "changes_due": (
        "Acentos provavelmente errados: {count}. Passe sobre uma palavra, ou toque nela, para ver a sugestão.",
        "Accents that are probably wrong: {count}. Point at a word, or touch it, to see the suggestion.",
    ),
    "suggested": ("{word} → {form}, {chance} de certeza", "{word} → {form}, {chance} sure"),
}


def say(language: Language, key: str, **values: object) -> str:
    """Return a text with its values, which must be escaped already."""
    return TEXTS[key][0 if language == "pt" else 1].format(**values)
