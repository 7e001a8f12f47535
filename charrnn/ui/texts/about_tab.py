"""The texts of the tab that explains."""

TEXTS: dict[str, tuple[str, str]] = {  # key: (Portuguese, English)
    "about_tab": ("Sobre", "About"),
    "about_what": ("O que é uma rede recorrente", "What a recurrent network is"),
    "about_reading": (
        "Quem lê “a menina abriu a ja” já espera “nela”. Não é a letra a que diz isso: é tudo o que veio antes. Uma "
        "rede comum, que visse só a última letra, apostaria às cegas. Uma rede recorrente lê uma letra de cada vez "
        "e guarda uma memória do que leu.",
        "When you read “the girl opened the win”, you already expect “dow”. It is not the letter n that tells you "
        "so, but everything before it. An ordinary network that saw only the last letter would bet blindly. A "
        "recurrent network reads one letter at a time and keeps a memory of what it has read.",
    ),
    "about_parts": (
        "Quatro peças bastam, e se repetem a cada letra:",
        "Four parts are enough, and they repeat at every letter:",
    ),
    "about_x": ("a entrada: a letra que está sendo lida.", "the input: the letter being read."),
    "about_h": (
        "a camada oculta: números calculados a partir da letra e da memória. É o que a rede pensa neste instante.",
        "the hidden layer: numbers computed from the letter and the memory. It is what the network thinks at this "
        "instant.",
    ),
    "about_m": (
        "a memória: a camada oculta do instante anterior, guardada para agora.",
        "the memory: the hidden layer of the previous instant, kept for now.",
    ),
    "about_s": (
        "a saída: quanto a rede aposta em cada letra que pode vir. É calculada a partir de H; num modelo com "
        "contagens, elas ajudam.",
        "the output: how much the network bets on each letter that may come. It is computed from H; in a model with "
        "counts, they help.",
    ),
    "about_drawing": ("A mesma rede em três instantes", "The same network at three instants"),
    "about_alt": (
        "Três instantes da rede, da esquerda para a direita. Em cada um, a letra X e a memória M entram na camada "
        "oculta H, e dela sai a aposta S. Uma seta leva H de um instante à memória M do instante seguinte. Ela lê "
        "as letras m, a e r.",
        "Three instants of the network, from left to right. In each, the letter X and the memory M go into the hidden "
        "layer H, and the bet S comes out of it. An arrow takes H of one instant to the memory M of the next. It "
        "reads the letters m, a and r.",
    ),
    "about_lesson": (
        "Ver esta rede funcionar, passo a passo, na Aula",
        "See this network work, step by step, in the Lesson",
    ),
    "about_clock": ("um instante depois", "one instant later"),
    "about_whole": ("Por que a memória guarda a história inteira", "Why the memory holds the whole history"),
    "about_chain": (
        "A memória é só a camada oculta do instante anterior. Mas essa camada foi calculada com a letra e a memória "
        "daquele instante, que vinha da camada anterior, e assim até a primeira letra do texto:",
        "The memory is just the hidden layer of the previous instant. But that layer was computed from that "
        "instant's letter and memory, which came from the layer before it, and so on back to the first letter of "
        "the text:",
    ),
    "about_fades": (
        "Cada letra lida deixa uma marca em todas as memórias seguintes. O espaço é limitado, então as marcas "
        "antigas se apagam aos poucos, e o treino decide o que vale a pena guardar: que há aspas abertas, que a "
        "frase é uma pergunta, que o verso tem sete sílabas. As células gru e lstm têm portas que protegem essas "
        "marcas, e por isso lembram por mais tempo que a rede simples.",
        "Each letter leaves a mark in all memories after it. Space is limited, so old marks fade little by little, "
        "and training decides what is worth keeping: that a quotation is open, that the sentence is a question, "
        "that the verse has seven syllables. The cells gru and lstm have gates that protect these marks, so they "
        "remember for longer than the simple network.",
    ),
    "about_bits": (
        "Aprender é errar menos: depois de cada trecho, os pesos mudam um pouco para que a letra que de fato veio "
        "receba uma aposta maior. A medida são bits por caractere: 1 bit é a dúvida de uma moeda, 3 bits a de um "
        "dado de oito faces. Bons modelos de português ficam perto de 1,7.",
        "To learn is to make smaller errors: after each passage, the weights change a little so that the letter "
        "that did come gets a larger bet. The measure is bits per character: 1 bit is the doubt of a coin toss, 3 "
        "bits that of a die with eight faces. Good models of Portuguese come close to 1.7.",
    ),
    "about_cards": ("## Os modelos daqui", "## The models here"),
    "card_model": ("Modelo", "Model"),
    "card_shipped": ("acompanha o programa", "comes with the program"),
    "card_trained": ("treinado neste computador", "trained on this computer"),
    "card_unscored": ("ainda sem avaliação", "not yet scored"),
    "card_score": ("bits por caractere, em texto que nunca leu", "bits per character, on unseen text"),
    "card_network": ("rede", "network"),
    "card_members": ("redes que votam juntas", "networks that vote together"),
    "card_counts": ("contagem de sequências", "sequence counts"),
    "card_yes": ("sim", "yes"),
    "card_no": ("não", "no"),
    "card_characters": ("caracteres que conhece", "characters it knows"),
    "card_size": ("tamanho", "size"),
    "card_date": ("data", "date"),
    "card_sample": ("O que escrevia no fim do treino", "What it wrote at the end of training"),
    "card_whole": ("O cartão do modelo, como foi gravado", "The model card, as it was written"),
    "card_none": ("Ainda não há modelos.", "There are no models yet."),
    "about_licences": ("Licenças", "Licences"),
    "about_own": (
        "charrnn e os textos da pasta corpora são livres, sob a licença MIT.",
        "charrnn and the texts in the folder corpora are free, under the MIT licence.",
    ),
    "about_works": (
        "As obras do catálogo estão em domínio público; a marcação da coleção ELTeC-por é CC BY 4.0.",
        "The works of the catalogue are in the public domain; the markup of the collection ELTeC-por is CC BY 4.0.",
    ),
    "about_yours": (
        "Um modelo treinado com os seus textos fica neste computador, e é seu na medida em que esses textos forem "
        "seus.",
        "A model trained on your texts stays on this computer, and is yours as far as those texts are.",
    ),
    "about_built": ("Feito com, entre outros:", "Made with, among others:"),
    "about_nothing": (
        "O modelo escreve textos parecidos com os que leu. Não sabe nada e não quer dizer nada com eles.",
        "The model writes texts that resemble those it has read. It knows nothing and means nothing by them.",
    ),
}
