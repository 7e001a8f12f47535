"""The texts of the tab on memory."""

EXAMPLE = (
    "A casa ficava no fim da rua, perto do rio. Quando chovia, o rio subia até a porta, e minha avó dizia: “Deixa "
    "entrar, que ele só quer ver a gente”.\n"
    "— E se ele quiser ficar? — perguntei um dia.\n"
    "— Quem fica não bate — respondeu ela (e riu baixinho).\n"
    "No inverno seguinte, o rio subiu de novo. Veio devagar, como quem volta para casa, e molhou o tapete, a mesa, as "
    "cartas da gaveta. Minha avó abriu a janela e disse: “Entra”. Depois pôs mais um prato na mesa, e esperamos.\n"
    "— Ele demora — disse ela, por fim. — Mas volta.\n"
)

PROPERTIES = (  # as in `charrnn.lens`, which loads torch
    "space", "newline", "vowel", "accent", "capital", "quotes", "speech", "parentheses", "position_in_word",
    "position_in_line",
)  # fmt: skip

TEXTS: dict[str, tuple[str, str]] = {  # key: (Portuguese, English)
    "memory_tab": ("Memória", "Memory"),
    # The small network
    "memory_small_intro": (
        "## Uma rede pequena, número por número\n\nEscreva uma palavra: uma rede com três neurônios ocultos a aprende "
        "agora mesmo, e você acompanha cada número. A cada instante entra uma letra (X); dela e da memória (M) sai a "
        "camada oculta (H), e desta as apostas na próxima letra (S). A memória é só isto: a camada oculta do instante "
        "anterior, que esperou e voltou.",
        "## A small network, number by number\n\nType a word: a network with three hidden neurons learns it right now, "
        "and you follow every number. At each instant a letter comes in (X); from it and the memory (M) comes the "
        "hidden layer (H), and from that the bets on the next letter (S). The memory is just this: the hidden layer of "
        "the instant before, which waited and came back.",
    ),
    "memory_word": ("Palavra", "Word"),
    "memory_teach": ("Ensinar", "Teach"),
    "small_taught": (
        "Aprendeu «{word}» com {neurons} neurônios ocultos; cada letra lhe custa agora {bits} bits, em média. O sinal "
        "↵ marca o começo e o fim. Azul é positivo, laranja é negativo; quanto mais grossa a linha, mais passa por "
        "ela.",
        "It learned “{word}” with {neurons} hidden neurons; each letter now costs it {bits} bits, on average. The sign "
        "↵ marks the beginning and the end. Blue is positive, orange is negative; the thicker a line, the more flows "
        "along it.",
    ),
    "small_told": (
        "Instante {time}: entra {letter}. A rede espera {best} ({chance}); vem {target}, que custa {bits} bits.",
        "Instant {time}: {letter} comes in. The network expects {best} ({chance}); {target} comes, and costs {bits} "
        "bits.",
    ),
    "small_first": ("ainda não há o que lembrar", "nothing to remember yet"),
    "small_by_hand": ("Conferir à mão cada número de H", "Check each number of H by hand"),
    "small_unrolled": ("A palavra inteira, de uma vez", "The whole word at once"),
    "small_weights": ("Todos os pesos", "All weights"),
    # The instants
    "instants": ("Andar pelos instantes", "Go through the instants"),
    "instants_first": ("Voltar ao começo", "Back to the beginning"),
    "instants_back": ("Instante anterior", "Instant before"),
    "instants_forth": ("Próximo instante", "Next instant"),
    "instants_play": ("Tocar", "Play"),
    "instants_pause": ("Pausar", "Pause"),
    "instants_slider": ("Instante", "Instant"),
    "instants_pace": ("Velocidade", "Speed"),
    "pace_slow": ("devagar", "slow"),
    "pace_medium": ("normal", "medium"),
    "pace_fast": ("depressa", "fast"),
    # The real one
    "memory_real_intro": (
        "## Uma rede de verdade\n\nO mesmo acontece num modelo que leu livros, só que com centenas de neurônios. Deixe-"
        "o ler um texto e veja a memória mudar, letra por letra.",
        "## A real network\n\nThe same happens in a model that has read books, only with hundreds of neurons. Let it "
        "read a text and see the memory change, letter by letter.",
    ),
    "memory_text": ("Texto a ler", "Text to be read"),
    "memory_limit": ("Até {limit} caracteres.", "Up to {limit} characters."),
    "memory_model": ("Modelo que lê", "Model that reads"),
    "memory_read": ("Ler", "Read"),
    "memory_too_short": (
        "Isto precisa de um texto de {least} caracteres ou mais; este tem {found}.",
        "This takes a text of {least} characters or more; this one has {found}.",
    ),
    "memory_blank": (
        "Aperte «Ler»: a rede aparece aqui, para ir para a frente e para trás no texto.",
        "Press “Read”: the network appears here, to go back and forth in the text.",
    ),
    "reading_about": (
        "{model} ({cell}, {units} neurônios por camada) leu {characters} caracteres; cada um lhe custou {bits} bits, "
        "em média. Cada quadradinho é um neurônio: azul acima de zero, laranja abaixo.",
        "{model} ({cell}, {units} neurons per layer) read {characters} characters; each cost it {bits} bits, on "
        "average. Each little square is a neuron: blue above zero, orange below.",
    ),
    "reading_layers": (
        "Das {layers} camadas, vê-se aqui a última, da qual sai S.",
        "Of its {layers} layers, the last is shown, from which S comes.",
    ),
    "reading_text": (
        "O texto lido: use as setas para andar pelas letras; clique numa letra ou selecione um trecho",
        "The text that was read: arrow keys go through its letters; click one or select a stretch",
    ),
    "reading_told": ("custou {bits} bits", "cost {bits} bits"),
    "reading_told_first": ("o começo, antes do texto", "the beginning, before the text"),
    "reading_unit": ("neurônio {unit}: {value}", "neuron {unit}: {value}"),
    "part_x": ("entra", "comes in"),
    "part_hidden_before": ("a memória: H de antes", "the memory: H of before"),
    "part_hidden": ("a camada oculta", "the hidden layer"),
    "part_cell_before": ("a célula, de antes", "the cell, of before"),
    "part_cell": ("a célula, que a LSTM também guarda", "the cell, which an LSTM also keeps"),
    "part_s": ("espera a seguir", "expected next"),
    # The map
    "memory_map": ("Mapa da memória: ordem das linhas", "Map of the memory: order of the rows"),
    "memory_map_help": (
        "Uma linha por neurônio, uma coluna por letra do texto. Passe sobre o mapa: a mesma letra se marca em tudo.",
        "A row for each neuron, a column for each letter of the text. Point at the map: the same letter is marked "
        "everywhere.",
    ),
    "map_said": (
        "Mapa de {units} neurônios em {characters} caracteres: azul acima de zero, laranja abaixo",
        "Map of {units} neurons over {characters} characters: blue above zero, orange below",
    ),
    "order_variance": ("os que mais mudam primeiro", "those that change most first"),
    "order_similarity": ("os parecidos juntos", "similar ones together"),
    "order_space": ("por espaço", "by space"),
    "order_newline": ("por fim de linha", "by line end"),
    "order_vowel": ("por vogal", "by vowel"),
    "order_accent": ("por acento", "by accent"),
    "order_capital": ("por maiúscula", "by capital letter"),
    "order_quotes": ("por aspas", "by quotation marks"),
    "order_speech": ("por fala, após travessão", "by speech, after a dash"),
    "order_parentheses": ("por parênteses", "by parentheses"),
    "order_position_in_word": ("pela posição na palavra", "by the position in the word"),
    "order_position_in_line": ("pela posição na linha", "by the position in the line"),
    # What is measured when asked for
    "memory_span": (
        "**Trecho marcado**: clique numa letra do texto ou selecione um trecho dele com o mouse; ou diga aqui de que "
        "caractere a que caractere.",
        "**Marked stretch**: click a letter of the text or select a stretch of it with the mouse; or say here from "
        "which character to which.",
    ),
    "memory_first": ("do caractere", "from character"),
    "memory_last": ("ao caractere", "to character"),
    "span": ("trecho", "stretch"),
    "memory_measure": ("Medir", "Measure"),
    "memory_findings": ("O que cada neurônio acompanha", "What each neuron follows"),
    "memory_findings_help": (
        "Há um neurônio que se acende nas vogais, nas falas, entre aspas? O melhor de cada propriedade, com um "
        "veredito que não vende acaso como sentido.",
        "Is there a neuron that lights up at vowels, in speech, between quotation marks? The best for each property, "
        "with a verdict that does not sell chance as meaning.",
    ),
    "findings_intro": (
        "Achado na primeira metade do texto, conferido na segunda. O limite do acaso é o que o melhor neurônio alcança "
        "quando a propriedade é deslocada ao longo do texto ({shifts} vezes). Num texto curto o limite é alto: poucos "
        "se confirmam.",
        "Found in the first half of the text, checked in the second. The limit of chance is what the best neuron "
        "reaches when the property is shifted along the text ({shifts} times). In a short text the limit is high: few "
        "are confirmed.",
    ),
    "unit_number": ("neurônio {unit}", "neuron {unit}"),
    "memory_reach": ("Até onde a memória alcança", "How far the memory reaches"),
    "memory_reach_help": (
        "Medido de dois jeitos; escolha um segundo modelo para ver as duas redes lado a lado.",
        "Measured in two ways; choose a second model to see both networks side by side.",
    ),
    "memory_second": ("Lado a lado com", "Side by side with"),
    "reach_forgetting": (
        "Esquecendo de propósito: quanto custa um caractere quando só se leram tantos desde que a memória estava "
        "vazia. A faixa contém a média em 95 de 100 casos.",
        "Forgetting on purpose: what a character costs when only so many were read since the memory was empty. The "
        "band holds the mean in 95 of 100 cases.",
    ),
    "reach_gradients": (
        "Pelos gradientes: que parte da influência sobre uma previsão vem dos últimos tantos caracteres.",
        "By gradients: which share of the influence on a prediction comes from the last so many characters.",
    ),
    "influence_half": (
        "{name}: metade vem dos últimos {half} (entre {back})",
        "{name}: half comes from the last {half} (of {back})",
    ),
    "mattered": (
        "O primeiro caractere do trecho marcado (emoldurado): mais azul é o que mais pesou na previsão dele.",
        "The first character of the marked stretch (framed): the bluer, the more it mattered to its prediction.",
    ),
    "mattered_first": (
        "Marque outro caractere que não o primeiro para ver o que pesou na previsão dele.",
        "Mark a character other than the first to see what mattered to its prediction.",
    ),
    "memory_effects": ("Mexer na memória", "Change the memory"),
    "memory_effects_help": (
        "Para que serve a memória? Mude-a no meio do texto: quanto custa o que vem depois, e como o modelo "
        "continuaria?",
        "What is the memory good for? Change it amid the text: what does the rest cost now, and how would the model "
        "go on?",
    ),
    "memory_where": ("Onde", "Where"),
    "where_all": ("por todo o texto", "all over the text"),
    "where_marked": ("depois do trecho marcado", "after the marked stretch"),
    "keep": ("neurônios a guardar", "neurons to keep"),
    "unit": ("neurônio", "neuron"),
    "memory_keep": ("Quantos neurônios guardar", "How many neurons to keep"),
    "memory_unit": ("Neurônio a prender (vazio: o mais forte)", "Neuron to clamp (empty: the strongest)"),
    "memory_value": ("Prender em", "Clamp to"),
    "memory_other": ("Memória de outro texto", "Memory of another text"),
    "memory_other_hint": ("Vazio: a da metade deste", "Empty: that at the middle of this one"),
    "effects_all": (
        "Em {places} lugares do texto, bits de cada um dos {ahead} caracteres que vêm depois, e a continuação a partir "
        "do último lugar, com a mesma semente para todas.",
        "At {places} places of the text, bits of each of the {ahead} characters after it, and the continuation from "
        "the last place, with the same seed for all.",
    ),
    "effects_one": (
        "Depois do caractere {place} («…{before}»): bits de cada um dos {ahead} que vêm depois, e a continuação, com a "
        "mesma semente para todas.",
        "After character {place} (“…{before}”): bits of each of the {ahead} after it, and the continuation, with the "
        "same seed for all.",
    ),
    "changed_kept": ("só os {keep} neurônios mais fortes", "only the {keep} strongest neurons"),
    "changed_clamped": ("o neurônio {unit} preso em {value}", "neuron {unit} clamped to {value}"),
    "changed_swapped": ("trocada pela do outro texto", "swapped for that of the other text"),
    "memory_similar": ("Lugares parecidos", "Similar places"),
    "memory_similar_help": (
        "Que neurônios estão acesos no trecho marcado inteiro, e onde mais no texto a maioria deles também está?",
        "Which neurons are on throughout the marked stretch, and where else in the text are most of them on, too?",
    ),
    "memory_threshold": ("Aceso a partir de (para cima ou para baixo de zero)", "On from (above or below zero)"),
    "similar_none": (
        "Nenhum neurônio passa de {threshold} em todo o trecho «{span}». Baixe o limite ou marque um trecho menor.",
        "No neuron is beyond {threshold} throughout “{span}”. Lower the threshold, or mark a shorter stretch.",
    ),
    "similar_found": (
        "Neurônios que passam de {threshold} em todo o trecho «{span}»: {count} de {units}. Os lugares onde mais deles "
        "passam também, os melhores primeiro:",
        "Neurons beyond {threshold} throughout “{span}”: {count} of {units}. Where most of them are so, too, "
        "the best first:",
    ),
    "similar_on": ("{on} de {count}", "{on} of {count}"),
    "similar_units": ("Que neurônios são, e de que lado do zero", "Which neurons, and on which side of zero"),
    "similar_nowhere": (
        "Em nenhum outro lugar do texto metade deles está acesa ao mesmo tempo.",
        "Nowhere else in the text are half of them on at a time.",
    ),
}
