"""The texts of the tab that explains."""

TEXTS: dict[str, tuple[str, str]] = {  # key: (Portuguese, English)
    "about_tab": ("Sobre", "About"),
    "about_what": ("O que é uma rede recorrente", "What a recurrent network is"),
    "about_reading": (
        "Quem lê “a menina abriu a ja” já espera “nela”. Não é a letra a que diz isso: é tudo o que veio antes. Uma "
        "rede comum, que visse só a última letra, apostaria às cegas. Uma rede recorrente lê uma letra de cada vez "
        "e guarda uma memória do que leu.",
        "Whoever reads “the girl opened the win” already expects “dow”. It is not the letter n that says so: it is "
        "all that came before. An ordinary network, seeing the last letter only, would bet blindly. A recurrent "
        "network reads one letter at a time and keeps a memory of what it read.",
    ),
    "about_parts": (
        "Quatro peças bastam, e se repetem a cada letra:",
        "Four parts are enough, the same for every letter:",
    ),
    "about_x": ("a entrada: a letra que se lê agora.", "the input: the letter that is read now."),
    "about_h": (
        "a camada oculta: números calculados a partir da letra e da memória. É o que a rede pensa neste instante.",
        "the hidden layer: numbers computed from the letter and the memory. It is what the network thinks right now.",
    ),
    "about_m": (
        "a memória: o que a camada oculta era um instante atrás, guardado para agora.",
        "the memory: what the hidden layer was one instant ago, kept for now.",
    ),
    "about_s": (
        "a saída: quanto a rede aposta em cada letra que pode vir. É calculada a partir de H; "
        "num modelo que também contou, as contagens ajudam.",
        "the output: how much the network bets on each letter that may come. It is computed from H; in "
        "a model that also counted, the counts help.",
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
    "about_clock": ("um instante depois", "one instant later"),
    "about_whole": ("Por que a memória guarda a história inteira", "Why the memory holds the whole history"),
    "about_chain": (
        "A memória é só a camada oculta de um instante atrás. Mas aquela camada foi calculada a partir da letra de "
        "então e da memória de então, que vinha da camada anterior, e assim até a primeira letra do texto:",
        "The memory is only the hidden layer of one instant ago. But that layer was computed from the letter of then "
        "and the memory of then, which came from the layer before, and so on to the first letter of the text:",
    ),
    "about_fades": (
        "Cada letra lida deixa uma marca em todas as memórias que vêm depois. O espaço é limitado, então marcas "
        "antigas se apagam aos poucos, e o treino decide o que vale a pena guardar: que há aspas abertas, que a "
        "frase é uma pergunta, que o verso tem sete sílabas. As células gru e lstm têm portas que protegem essas "
        "marcas, e por isso lembram por mais tempo que a rede simples.",
        "Each letter that was read leaves a mark in all memories after it. There is limited room, so old marks fade "
        "little by little, and training decides what is worth keeping: that a quotation is open, that the sentence is "
        "a question, that the verse has seven syllables. The cells gru and lstm have gates that protect these marks, "
        "and so they remember for longer than the simple network.",
    ),
    "about_bits": (
        "Aprender é errar menos: depois de cada trecho, os pesos mudam um pouco para que a letra que de fato veio "
        "passe a receber uma aposta maior. Medimos em bits por caractere: 1 bit é a dúvida de uma moeda, 3 bits a de "
        "um dado de oito faces. Bons modelos de português ficam perto de 1,7.",
        "To learn is to err less: after each passage, the weights change a little so that the letter that did come "
        "gets a larger bet. We measure in bits per character: 1 bit is the doubt of a coin, 3 bits that of a die "
        "with eight faces. Good models of Portuguese come near 1.7.",
    ),
    "about_cards": ("## Os modelos daqui", "## The models here"),
    "card_model": ("Modelo", "Model"),
    "card_shipped": ("acompanha o programa", "comes with the program"),
    "card_trained": ("treinado neste computador", "trained on this computer"),
    "card_unscored": ("ainda sem avaliação", "not yet scored"),
    "card_score": ("bits por caractere, em texto que nunca leu", "bits per character, on text it never read"),
    "card_network": ("rede", "network"),
    "card_members": ("redes que votam juntas", "networks that vote together"),
    "card_counts": ("ajuda da contagem", "help from counting"),
    "card_yes": ("sim", "yes"),
    "card_no": ("não", "no"),
    "card_characters": ("caracteres que conhece", "characters it knows"),
    "card_size": ("tamanho", "size"),
    "card_date": ("data", "date"),
    "card_sample": ("O que escrevia no fim do treino", "What it wrote at the end of its training"),
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
        "Um modelo treinado com os seus textos fica neste computador, e é seu até onde esses textos forem.",
        "A model trained on your texts stays on this computer, and is yours as far as these texts are.",
    ),
    "about_built": ("Feito com, entre outros:", "Made with, among others:"),
    "about_nothing": (
        "O modelo escreve textos parecidos com os que leu. Não sabe nada e não quer dizer nada com eles.",
        "The model writes texts that resemble what it read. It knows nothing and means nothing by them.",
    ),
}
