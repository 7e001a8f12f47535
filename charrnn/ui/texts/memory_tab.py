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
    "memory_teach": ("Treinar esta palavra", "Train on this word"),
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
    "small_equations": (
        "W, U e V são os pesos das linhas: de X a H, de M a H e de H a S; b e c são constantes. tanh espreme entre −1 "
        "e 1, e softmax faz chances que somam 100%.",
        "W, U and V are the weights of the lines: from X to H, M to H and H to S; b and c are constants. tanh squeezes "
        "to between −1 and 1, and softmax makes chances that add up to 100%.",
    ),
    "small_by_hand": ("Conferir à mão cada número de H", "Check each number of H by hand"),
    "small_unrolled": ("A palavra inteira, de uma vez", "The whole word at once"),
    "small_weights": ("Todos os pesos", "All weights"),
    # The instants
    "instants": ("Percorrer os instantes", "Step through the instants"),
    "instants_first": ("Voltar ao começo", "Back to the beginning"),
    "instants_back": ("Instante anterior", "Previous instant"),
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
    "memory_text": ("Texto para ler", "Text to read"),
    "memory_limit": ("Até {limit} caracteres.", "Up to {limit} characters."),
    "memory_model": ("Modelo", "Model"),
    "memory_read": ("Ler", "Read"),
    "memory_too_short": (
        "Para isto, o texto precisa de {least} caracteres ou mais; este tem {found}.",
        "This needs a text of at least {least} characters; this one has {found}.",
    ),
    "memory_blank": (
        "Aperte «Ler»: a rede aparece aqui, para você percorrer o texto com ela.",
        "Press “Read”: the network appears here, for you to step through the text with it.",
    ),
    "reading_about": (
        "{model} ({cell}, {units} neurônios por camada) leu {characters} caracteres; cada um lhe custou {bits} bits, "
        "em média. Cada quadradinho é um neurônio: azul acima de zero, laranja abaixo.",
        "{model} ({cell}, {units} neurons per layer) read {characters} characters; each cost it {bits} bits, on "
        "average. Each little square is a neuron: blue above zero, orange below.",
    ),
    "reading_layers": (
        "Das {layers} camadas, aqui aparece a última, da qual sai S.",
        "Of its {layers} layers, the last one is shown, which produces S.",
    ),
    "reading_text": (
        "O texto lido: use as setas para percorrer as letras; toque numa letra ou selecione um trecho",
        "The text: use the arrow keys to move through the letters; click one or select a passage",
    ),
    "reading_told": ("custou {bits} bits", "cost {bits} bits"),
    "reading_told_first": ("o começo, antes do texto", "the start, before the text"),
    "reading_unit": ("neurônio {unit}: {value}", "neuron {unit}: {value}"),
    "part_x": ("entra", "comes in"),
    "part_nothing": ("tudo zero: é o começo", "all zero: the start"),
    "part_hidden_before": ("a memória: o H anterior", "the memory: the previous H"),
    "part_hidden": ("a camada oculta", "the hidden layer"),
    "part_cell_before": ("a célula anterior", "the previous cell"),
    "part_cell": ("a célula, que a LSTM também guarda", "the cell, which an LSTM also keeps"),
    "part_s": ("espera a seguir", "expected next"),
    # The map
    "memory_map": ("Mapa da memória: ordem das linhas", "Map of the memory: order of the rows"),
    "memory_map_help": (
        "Uma linha por neurônio, uma coluna por letra do texto. Passe o mouse sobre o mapa: a letra fica marcada em "
        "toda parte.",
        "One row per neuron, one column per letter of the text. Point at the map: that letter is marked everywhere.",
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
        "**Trecho marcado**: toque numa letra do texto, selecione um trecho com o mouse ou diga aqui onde começa e "
        "onde termina.",
        "**Marked passage**: click a letter of the text, select a passage with the mouse, or enter here where it "
        "begins and ends.",
    ),
    "memory_first": ("do caractere", "from character"),
    "memory_last": ("ao caractere", "to character"),
    "span": ("trecho", "passage"),
    "memory_measure": ("Medir", "Measure"),
    "memory_findings": ("O que cada neurônio acompanha", "What each neuron follows"),
    "memory_findings_help": (
        "Há um neurônio que se acende nas vogais, nas falas, entre aspas? O melhor de cada propriedade, com um "
        "veredito que separa descoberta de acaso.",
        "Is there a neuron that lights up at vowels, in speech, between quotation marks? The best for each property, "
        "with a verdict that tells a discovery from chance.",
    ),
    "findings_intro": (
        "Achado na primeira metade do texto, conferido na segunda. A correlação vai de −1 a 1: longe de 0, o neurônio "
        "acompanha a propriedade. O limite do acaso é o que o melhor neurônio alcança quando ela é trocada de lugar no "
        "texto ({shifts} vezes). Num texto curto o limite é alto: poucos se confirmam.",
        "Found in the first half of the text, verified in the second. Correlation goes from −1 to 1: far from 0, the "
        "neuron follows the property. The chance limit is what the best neuron reaches when that is moved along the "
        "text ({shifts} times). In a short text the limit is high: few neurons pass it.",
    ),
    "unit_number": ("neurônio {unit}", "neuron {unit}"),
    "memory_reach": ("Até onde a memória alcança", "How far the memory reaches"),
    "memory_reach_help": (
        "Medido de dois jeitos; escolha um segundo modelo para ver as duas redes lado a lado.",
        "Measured in two ways; choose a second model to see both networks side by side.",
    ),
    "memory_second": ("Lado a lado com", "Side by side with"),
    "reach_forgetting": (
        "Esquecendo de propósito: quanto custa um caractere quando o modelo só leu tantos outros desde que a "
        "memória foi esvaziada. A faixa contém a média em 95 de 100 casos.",
        "Forgetting on purpose: the cost of a character when the model has read only so many others since its "
        "memory was cleared. The band contains the mean in 95 of 100 cases.",
    ),
    "reach_gradients": (
        "Mexendo um pouco em cada caractere (pelos gradientes): que parte da influência sobre uma previsão vem dos "
        "últimos.",
        "Changing each character a little (by gradients): the share of the influence on a prediction that comes from "
        "the latest.",
    ),
    "influence_half": (
        "{name}: metade vem dos últimos {half} (entre {back})",
        "{name}: half comes from the last {half} (of {back})",
    ),
    "mattered": (
        "O primeiro caractere do trecho marcado (na moldura): quanto mais azul, mais pesou na previsão dele.",
        "The first character of the marked passage (framed): the bluer a letter, the more it influenced its "
        "prediction.",
    ),
    "mattered_first": (
        "Marque um caractere depois do primeiro para ver o que pesou na previsão dele.",
        "Mark a character after the first to see what influenced its prediction.",
    ),
    "memory_effects": ("Mexer na memória", "Change the memory"),
    "memory_effects_help": (
        "Para que serve a memória? Mude-a no meio do texto: quanto custa o que vem depois, e como o modelo "
        "continuaria?",
        "What is the memory good for? Change it in the middle of the text: what does the rest cost then, and how "
        "would the model continue?",
    ),
    "memory_where": ("Onde", "Where"),
    "where_all": ("por todo o texto", "throughout the text"),
    "where_marked": ("depois do trecho marcado", "after the marked passage"),
    "keep": ("neurônios a guardar", "neurons to keep"),
    "unit": ("neurônio", "neuron"),
    "memory_keep": ("Quantos neurônios guardar", "How many neurons to keep"),
    "memory_unit": ("Neurônio a fixar (vazio: o mais forte)", "Neuron to clamp (empty: the strongest)"),
    "memory_value": ("Fixar em", "Clamp to"),
    "memory_other": ("Memória de outro texto", "Memory of another text"),
    "memory_other_hint": ("Vazio: a da primeira metade deste", "Empty: that of this text's first half"),
    "effects_all": (
        "Em {places} lugares do texto, bits de cada um dos {ahead} caracteres seguintes, e a continuação a partir "
        "do último lugar, sempre com a mesma semente.",
        "At {places} places in the text: bits per character over the next {ahead}, and the continuation from the "
        "last place, always with the same seed.",
    ),
    "effects_one": (
        "Depois do caractere {place} («…{before}»): bits de cada um dos {ahead} seguintes, e a continuação, sempre "
        "com a mesma semente.",
        "After character {place} (“…{before}”): bits per character over the next {ahead}, and the continuation, "
        "always with the same seed.",
    ),
    "changed_kept": ("só os {keep} neurônios mais fortes", "only the {keep} strongest neurons"),
    "changed_clamped": ("o neurônio {unit} fixo em {value}", "neuron {unit} clamped to {value}"),
    "changed_swapped": ("trocada pela do outro texto", "swapped for that of the other text"),
    "memory_similar": ("Lugares parecidos", "Similar places"),
    "memory_similar_help": (
        "Onde mais no texto a memória está como no trecho marcado? A rede os trata de modo parecido, mesmo quando as "
        "letras são outras.",
        "Where else in the text is the memory as it is in the marked passage? The network treats such places alike, "
        "even where the letters differ.",
    ),
    "memory_alike_by": ("Comparar", "Compare"),
    "alike_by_all": ("todos os neurônios", "all neurons"),
    "alike_by_active": ("só os que ficam ativos no trecho", "only those active in the passage"),
    "similar_alike": (
        "Onde a memória mais se parece com a de «{span}», de 1 (igual) a 0 (sem relação), a começar pelo melhor. Em 95 "
        "de 100 lugares deste texto a semelhança não chega a {usual}; só os que passam disso estão aqui.",
        "Where the memory is most like that of “{span}”, from 1 (the same) to 0 (unrelated), best first. At 95 of 100 "
        "places of this text the similarity stays below {usual}; only those above it are listed.",
    ),
    "similar_no_room": (
        "Fora do trecho marcado não há outro do mesmo tamanho que se pareça com ele. Marque um trecho menor.",
        "Outside of the marked passage, no other of its length resembles it. Mark a shorter one.",
    ),
    "memory_measuring": ("Medindo…", "Measuring…"),
    "memory_threshold": ("Considerar ativo a partir de (acima ou abaixo de zero)", "Active from (above or below zero)"),
    "similar_none": (
        "Nenhum neurônio passa de {threshold} em todo o trecho «{span}». Baixe o limite ou marque um trecho menor.",
        "No neuron exceeds {threshold} throughout “{span}”. Lower the threshold, or mark a shorter passage.",
    ),
    "similar_found": (
        "Neurônios que passam de {threshold} em todo o trecho «{span}»: {count} de {units}. Os lugares onde mais "
        "deles também passam, a começar pelo melhor:",
        "Neurons that exceed {threshold} throughout “{span}”: {count} of {units}. The places where most of them do "
        "so, too, best first:",
    ),
    "similar_on": ("{on} de {count}", "{on} of {count}"),
    "similar_units": ("Que neurônios são, e de que lado do zero", "Which neurons, and on which side of zero"),
    "similar_nowhere": (
        "Em nenhum outro lugar do texto metade deles fica acesa ao mesmo tempo.",
        "Nowhere else in the text are half of them on at once.",
    ),
}
