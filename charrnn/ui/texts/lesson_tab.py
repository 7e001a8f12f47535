"""The texts of the tab Lesson. Words in braces are filled in the browser, as the class steps through the lesson."""

TEXTS: dict[str, tuple[str, str]] = {  # key: (Portuguese, English)
    "lesson_tab": ("Aula", "Lesson"),
    "lesson_about": (
        "Uma rede com três neurônios ocultos acaba de aprender a palavra «{word}». Todos os números desta aula são "
        "dela, calculados agora.",
        "A network with three hidden neurons has just learned the word “{word}”. All numbers in this lesson are its "
        "own, computed now.",
    ),
    "lesson_word": (
        "Outra palavra, de até 12 letras, de preferência com letras que se repetem",
        "Another word, of up to 12 letters, best with letters that come again",
    ),
    "lesson_use": ("Usar esta palavra", "Use this word"),
    "lesson_class": (
        "Para a turma acompanhar nos celulares, inicie o programa com `charrnn app --host 0.0.0.0`.",
        "For the class to follow on their phones, start the program with `charrnn app --host 0.0.0.0`.",
    ),
    # Around the steps
    "lesson_steps": ("Passos da aula", "Steps of the lesson"),
    "lesson_place": ("Passo {step} de {steps}", "Step {step} of {steps}"),
    "lesson_last": ("Depois dos seis passos", "After the six steps"),
    "lesson_back": ("Voltar", "Back"),
    "lesson_next": ("Avançar", "Next"),
    "lesson_link": ("Copiar o link deste passo", "Copy the link to this step"),
    "lesson_copied": ("Link copiado", "Link copied"),
    "lesson_letters": ("A palavra, letra por letra", "The word, letter by letter"),
    "lesson_do": ("Faça", "Do this"),
    "lesson_see": ("Veja", "Look"),
    "lesson_ask": ("Para a turma", "For the class"),
    "lesson_answer": ("Ver a resposta", "Show the answer"),
    "lesson_colours": (
        "Azul é positivo, laranja é negativo; quanto mais grossa a linha, mais passa por ela.",
        "Blue is positive, orange is negative; the thicker a line, the more flows along it.",
    ),
    "lesson_waits": ("H do instante anterior", "previous H"),
    "lesson_tile": (
        "Instante {time}: entra {letter}; a rede espera {best} ({chance}); vem {target}, que custa {bits} bits",
        "Instant {time}: {letter} comes in; the network expects {best} ({chance}); {target} comes, and costs {bits} "
        "bits",
    ),
    "lesson_drawn": (
        "A rede no instante {time}. X: entra {letter}. M: {memory}. H: {hidden}. S: espera {best} ({chance}).",
        "The network at instant {time}. X: {letter} comes in. M: {memory}. H: {hidden}. S: expects {best} ({chance}).",
    ),
    # 1
    "lesson_1": ("Entra uma letra: X", "A letter comes in: X"),
    "lesson_1_do": (
        "Toque nas letras da palavra, uma depois da outra.",
        "Tap the letters of the word, one after another.",
    ),
    "lesson_1_see": (
        "Entra «{letter}»: em X, o neurônio de «{letter}» vale 1 e todos os outros valem 0.",
        "“{letter}” comes in: in X, the neuron of “{letter}” is 1 and all others are 0.",
    ),
    "lesson_1_sign": (
        "O sinal ↵ marca o começo e o fim da palavra.",
        "The sign ↵ marks the beginning and the end of the word.",
    ),
    "lesson_1_ask": (
        "Bastaria um número só: 1 para a, 2 para b, 3 para c… Por que é melhor um neurônio para cada letra?",
        "One number would do: 1 for a, 2 for b, 3 for c… Why is a neuron for each letter better?",
    ),
    "lesson_1_answer": (
        "Com um número só, a rede teria de supor que b é o dobro de a e que c é vizinho de b. Nada disso vale para "
        "letras. Com um neurônio para cada uma, ela não supõe nada e aprende sozinha o que cada letra quer dizer.",
        "With one number, the network would have to assume that b is twice a, and c a neighbour of b. None of this "
        "holds for letters. With a neuron for each, it assumes nothing and learns by itself what each letter means.",
    ),
    # 2
    "lesson_2": ("H é feito de X e de M", "H is made of X and M"),
    "lesson_2_do": (
        "Escolha um dos três neurônios de H e confira a conta com uma calculadora; o que se vê está arredondado.",
        "Choose one of the three neurons of H and check the sum with a calculator; what you see is rounded.",
    ),
    "lesson_2_see": (
        "Entra «{letter}». Em H[{neuron}], um dos neurônios de H, a rede soma o que vem da letra e da memória; tanh "
        "espreme a soma entre −1 e 1.",
        "“{letter}” comes in. In H[{neuron}], one of the neurons of H, the network adds what comes from the letter and "
        "from the memory; tanh squeezes the sum to between −1 and 1.",
    ),
    "lesson_2_constant": ("constante", "constant"),
    "lesson_2_sum": ("soma", "sum"),
    "lesson_2_ask": (
        "Se entrasse a mesma letra, mas com outra memória, H seria o mesmo?",
        "If the same letter came in, but with another memory, would H be the same?",
    ),
    "lesson_2_answer": (
        "Não. A linha de X seria a mesma, mas as de M mudariam, e com elas a soma. A mesma letra é lida de outro jeito "
        "conforme o que veio antes.",
        "No. The line of X would be the same, but those of M would change, and so would the sum. The same letter is "
        "read differently, depending on what came before it.",
    ),
    # 3
    "lesson_3": ("M é o H do instante anterior", "M is the H of the previous instant"),
    "lesson_3_do": (
        "Passe ao próximo instante e siga os números que vão de H para M.",
        "Go to the next instant and follow the numbers that go from H to M.",
    ),
    "lesson_3_button": ("Próximo instante", "Next instant"),
    "lesson_3_again": ("Voltar ao começo da palavra", "Back to the beginning of the word"),
    "lesson_3_see": (
        "Instante {time}: M tem os três números que H tinha no instante {before}. Nada foi calculado: eles só "
        "esperaram.",
        "Instant {time}: M has the three numbers that H had at instant {before}. Nothing was computed: they only "
        "waited.",
    ),
    "lesson_3_first": (
        "Instante 1: ainda não há o que lembrar, e M vale zero.",
        "Instant 1: there is nothing to remember yet, and M is zero.",
    ),
    "lesson_3_ask": ("M lembra só da última letra?", "Does M remember only the last letter?"),
    "lesson_3_answer": (
        "Não. M é o H anterior, que foi feito da letra e da memória daquele instante; essa memória era o H de antes "
        "dele, e assim até o começo. Em M há um pouco de tudo o que já entrou, misturado em três números.",
        "No. M is the previous H, which was made of the letter and the memory of that instant; that memory was the H "
        "before it, and so on back to the beginning. M holds a little of everything that has come in, mixed into three "
        "numbers.",
    ),
    # 4
    "lesson_4": ("S sai só de H", "S comes from H alone"),
    "lesson_4_do": (
        "Toque nas letras e compare a aposta da rede com a letra que vem. Bits medem a surpresa: 0 se ela apostou tudo "
        "na letra, 1 se apostou metade, 2 se um quarto.",
        "Tap the letters and compare the network's bet with the letter that comes. Bits measure surprise: 0 if it bet "
        "all on the letter, 1 if half, 2 if a quarter.",
    ),
    "lesson_4_do_pair": (
        "Compare dois instantes em que entra a mesma letra, «{letter}». Bits medem a surpresa: 0 se a rede apostou "
        "tudo na letra que vem, 1 se apostou metade, 2 se um quarto.",
        "Compare two instants at which the same letter comes in: “{letter}”. Bits measure surprise: 0 if the network "
        "bet all on the letter that comes, 1 if half, 2 if a quarter.",
    ),
    "lesson_4_button": ("Instante {time}", "Instant {time}"),
    "lesson_4_see": (
        "Depois de «{read}» a rede espera «{best}» ({chance}). Vem «{target}», que custa {bits} bits.",
        "After “{read}” the network expects “{best}” ({chance}). “{target}” comes, and costs {bits} bits.",
    ),
    "lesson_4_ask": (
        "Nenhuma linha vai de X direto a S. Como a letra que entra muda a aposta?",
        "No line goes from X straight to S. How does the letter that comes in change the bet?",
    ),
    "lesson_4_answer": (
        "Por meio de H: a letra muda H, e de H sai S. Por isso tudo o que a rede sabe ao apostar tem de caber nos três "
        "números de H.",
        "Through H: the letter changes H, and S comes from H. So all that the network knows when it bets has to fit "
        "into the three numbers of H.",
    ),
    "lesson_4_ask_pair": (
        "Nos dois instantes X é igual. Por que a aposta é outra?",
        "At both instants X is the same. Why does the bet differ?",
    ),
    "lesson_4_answer_pair": (
        "Porque S sai de H, e H não depende só da letra: depende também de M, que guarda o que veio antes e é outra em "
        "cada instante.",
        "Because S comes from H, and H depends not only on the letter but also on M, which holds what came before and "
        "differs from instant to instant.",
    ),
    # 5
    "lesson_5": ("Quebre: corte M", "Break it: cut M"),
    "lesson_5_do": (
        "Corte a memória: M passa a valer zero em todos os instantes.",
        "Cut the memory: M becomes zero at every instant.",
    ),
    "lesson_5_button": ("Cortar M", "Cut M"),
    "lesson_5_join": ("Religar M", "Reconnect M"),
    "lesson_5_see": (
        "Com M, a rede acerta {right} de {count} letras, e cada uma custa {bits} bits, em média.",
        "With M, the network guesses {right} of {count} letters, and each costs {bits} bits, on average.",
    ),
    "lesson_5_see_cut": (
        "Sem M, ela acerta {right} de {count}. Cortar a memória custa {more} bits a mais por letra.",
        "Without M, it guesses {right} of {count}. Cutting the memory costs {more} more bits per letter.",
    ),
    "lesson_5_little": (
        "Nesta palavra M faz pouca falta: experimente «abracadabra», abaixo.",
        "In this word M is little missed: try “abracadabra”, below.",
    ),
    "lesson_5_with": ("com M", "with M"),
    "lesson_5_without": ("sem M", "without M"),
    "lesson_5_bits": ("{bits} bits", "{bits} bits"),
    "lesson_5_ask": (
        "E uma rede treinada sem memória desde o começo: acertaria esta palavra inteira?",
        "And a network that was trained without a memory from the start: would it guess this whole word?",
    ),
    "lesson_5_answer": (
        "Não. Nesta palavra uma mesma letra é seguida ora por uma, ora por outra; sem memória, o melhor é dividir a "
        "aposta. Nenhuma rede assim custa menos que {least} bits por letra aqui. Cortada depois do treino, a nossa "
        "perde ainda mais, porque aprendeu contando com M.",
        "No. In this word the same letter is followed now by one letter, now by another; without a memory, the best is "
        "to split the bet. No such network costs less than {least} bits per letter here. Cut after training, ours "
        "loses even more, because it learned to rely on M.",
    ),
    "lesson_5_answer_none": (
        "Sim, pois nesta palavra a mesma letra nunca é seguida por duas diferentes. A nossa perde sem M porque "
        "aprendeu contando com ela. Experimente «banana», em que depois de «a» vem ora «n», ora o fim.",
        "Yes, as in this word no letter is followed by two different ones. Ours loses without M because it learned to "
        "rely on it. Try “banana”, where “a” is followed now by “n”, now by the end.",
    ),
    # 6
    "lesson_6": ("Ela aprende", "It learns"),
    "lesson_6_do": (
        "Leve o controle do passo 0, antes do treino, até o último.",
        "Move the slider from step 0, before the training, to the last.",
    ),
    "lesson_6_slider": ("Passo do treino", "Step of the training"),
    "lesson_6_play": ("Tocar o treino", "Play the training"),
    "lesson_6_pause": ("Pausar", "Pause"),
    "lesson_6_see": (
        "No passo {step} do treino, cada letra custa {bits} bits; a rede acerta {right} de {count}.",
        "At step {step} of the training, each letter costs {bits} bits; the network guesses {right} of {count}.",
    ),
    "lesson_6_untrained": (
        "Antes do treino, cada letra custa {bits} bits: quase o mesmo que apostar igual nas {letters} ({even} bits).",
        "Before training, each letter costs {bits} bits: about the same as betting evenly on all {letters} ({even} "
        "bits).",
    ),
    "lesson_6_curve": (
        "Bits por letra, de {first} no passo 0 a {last} no passo {step}",
        "Bits per letter, from {first} at step 0 to {last} at step {step}",
    ),
    "lesson_6_step": ("passo {step}", "step {step}"),
    "lesson_6_ask": (
        "O que o treino muda: os números de X, M, H e S, ou as linhas entre eles?",
        "What does training change: the numbers in X, M, H and S, or the lines between them?",
    ),
    "lesson_6_answer": (
        "As linhas: a cada uma pertence um peso, pelo qual o número é multiplicado. Em cada passo a rede lê a palavra, "
        "e cada peso muda um pouco para o lado em que ela custa menos. X, M, H e S são calculados de novo a cada "
        "leitura.",
        "The lines: each has a weight, by which the number is multiplied. At each step the network reads the word, and "
        "each weight changes a little in the direction in which the word costs less. X, M, H and S are computed anew "
        "at every reading.",
    ),
    # The real network
    "lesson_7": ("A rede de verdade", "The real network"),
    "lesson_7_do": (
        "Deixe a rede {model}, que leu livros, ler a mesma palavra.",
        "Let the network {model}, which has read books, read the same word.",
    ),
    "lesson_7_button": ("Ler «{word}»", "Read “{word}”"),
    "lesson_7_see": (
        "As mesmas quatro peças, X, M, H e S, mas com centenas de neurônios em H, cada um um quadradinho. E mais uma, "
        "C, a célula: esta rede é uma LSTM, que além de H guarda em C o que precisa durar muitas letras.",
        "The same four parts, X, M, H and S, but with hundreds of neurons in H, each a little square. And one more, C, "
        "the cell: this network is an LSTM, which beside H keeps in C what has to last for many letters.",
    ),
    "lesson_7_ask": (
        "Ela paga mais bits por esta palavra do que a nossa, de três neurônios. Ela é pior?",
        "It pays more bits for this word than ours, with three neurons. Is it worse?",
    ),
    "lesson_7_answer": (
        "Não. A nossa só conhece uma palavra, e não há nada que a surpreenda nela. A de verdade tem de estar pronta "
        "para qualquer texto, e guarda um pouco da aposta para tudo o que poderia vir. Com outra palavra, a nossa não "
        "saberia nem começar.",
        "No. Ours knows one word only, and nothing in it surprises it. The real one must be ready for any text, and "
        "keeps a little of its bet for everything that could come. With another word, ours could not even begin.",
    ),
}
