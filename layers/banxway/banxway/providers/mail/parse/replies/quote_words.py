"""The words with which mail programs introduce quotes and people sign mails, in many languages."""

WROTE = (
    "wrote", "schrieb", "a écrit", "escribió", "ha scritto", "escreveu", "schreef", "skrev", "napisał",
    "napisała", "napisał(a)", "kirjoitti", "пишет", "написал", "написала", "написал(а)", "написав", "написала(а)",
    "пише", "yazdı", "şunu yazdı", "写道", "寫道", "のメール", "書きました", "wrote ", "님이 작성", "씀", "napsal",
    "napsala", "napsal(a)", "napísal", "napísal(a)", "a írta", "írta", "έγραψε", "כתב", "כתבה", "كتب", "ने लिखा",
    "đã viết", "menulis", "a scris", "skrifaði", "va escriure", "kirjutas", "rašė", "rakstīja", "je napisao",
    "napisao", "je napisal/a", "је написао/ла", "написа", "писал(а)", "เขียนว่า", "wrote the following", "said",
    "schreibt", "a écrit le message suivant", "hat geschrieben", "escreve", "dijo", "scrive", "vašu poruku",
)  # fmt: skip
"""The last words of an attribution, before its colon."""

WROTE_INSIDE = ("schrieb", "schreef", "skrev", "a écrit", "schrieb:", "wrote", "napisał", "escribió")
"""The verbs that the name follows: "Am 1.1. um 10 Uhr schrieb Anna:"."""

USED_IN_SENTENCES = frozenset({"said", "dijo", "씀"})
"""Those of these words that people also use in their own sentences."""

PRONOUNS = frozenset({"you", "he", "she", "we", "they", "i", "it", "who", "somebody", "someone"})
"""The subjects of a person's own sentence about what somebody wrote."""

NAME_PARTICLES = frozenset({
    "von", "van", "de", "der", "den", "da", "di", "do", "dos", "del", "della", "la", "le", "el", "al", "bin", "ibn",
    "ten", "ter", "zu", "und", "y", "e",
})  # fmt: skip
"""The words in a name that are written in lower case."""

OPENERS = (
    "on ", "am ", "le ", "el ", "il ", "em ", "op ", "den ", "dnia ", "w dniu ", "dana ", "dne ", "în ", "vào ",
    "pada ", "ons ", "på ", "a ", "al ", "at ", "от ", "в ", "la data", "il giorno", "in data", "kl. ", "em ",
    "tors", "ngày ", "เมื่อ", "στις ", "în data", "ב", "في ", "mon", "tue", "wed", "thu", "fri", "sat", "sun",
    "lun", "mar", "mer", "mié", "jeu", "jue", "ven", "vie", "sam", "sáb", "dim", "dom", "seg", "ter", "qua", "qui",
    "sex", "пн", "вт", "ср", "чт", "пт", "сб", "вс", "pon", "wto", "śro", "czw", "pią", "sob", "nie", "po ", "út",
    "st ", "čt", "pá", "so ", "ne ", "ma ", "ti ", "ke ", "to ", "pe ", "la ", "su ", "в ", "понедельник",
    "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье", "在", "于", "於",
)  # fmt: skip
"""How an attribution begins where it is not introduced by a number or a name with its address."""

SEPARATORS = (
    "original message", "ursprüngliche nachricht", "originalnachricht", "message d'origine", "message original",
    "mensaje original", "messaggio originale", "mensagem original", "oorspronkelijk bericht",
    "ursprungligt meddelande", "oprindelig meddelelse", "opprinnelig melding", "wiadomość oryginalna",
    "oryginalna wiadomość", "исходное сообщение", "оригинальное сообщение",
    "原始邮件", "原始郵件",
    "元のメッセージ", "원본 메시지", "原邮件", "alkuperäinen viesti", "original appointment",
    "původní zpráva", "pôvodná správa", "eredeti üzenet", "özgün ileti", "orijinal mesaj", "αρχικό μήνυμα",
    "mesaj original",
    "original", "original mail", "reply message", "reply to message", "回复的原邮件",
    "original-nachricht", "urspr. nachricht", "ursprüngliche mail", "message initial", "הודעה מקורית",
    "الرسالة الأصلية", "tin nhắn gốc", "ข้อความต้นฉบับ",
)  # fmt: skip
"""The words between dashes above a quote."""

FORWARDS = (
    "forwarded message", "forwarded mail", "forwarded by", "forwarded email", "weitergeleitete nachricht",
    "weitergeleitet von", "message transféré", "mensaje reenviado", "messaggio inoltrato", "mensagem encaminhada",
    "mensagem reencaminhada", "doorgestuurd bericht", "转发邮件信息", "转发的邮件", "转发邮件", "轉寄郵件",
    "転送メッセージ",
    "転送されたメッセージ", "전달된 메시지", "vidarebefordrat meddelande", "videresendt besked",
    "videresendt melding",
    "videresendt meddelelse", "przekazana wiadomość", "wiadomość przekazana", "пересылаемое сообщение",
    "пересланное сообщение", "переслане повідомлення", "přeposlaná zpráva", "preposlaná správa", "továbbított üzenet",
    "iletilen mesaj", "yönlendirilen ileti", "mesaj redirecționat", "välitetty viesti", "edelleenlähetetty viesti",
    "προωθημένο μήνυμα", "הודעה שהועברה", "رسالة معاد توجيهها", "الرسالة المعاد توجيهها", "thư được chuyển tiếp",
    "pesan diteruskan", "pesan terusan", "ข้อความที่ส่งต่อ",
)  # fmt: skip
"""The words between dashes above a forwarded mail, which is what the mail is about."""

FORWARDED_SUBJECTS = frozenset({
    "fwd", "fw", "wg", "tr", "rv", "enc", "doorst", "pd", "továbbítás", "ilt", "trs", "إعادة توجيه", "הועבר", "пер",
    "пересл", "πρθ", "转发", "轉寄", "轉發", "転送", "전달", "i",
})  # fmt: skip
"""The prefixes of a forward's subject."""

INTRODUCTIONS = (
    "begin forwarded message", "anfang der weitergeleiteten", "début du message", "inicio del mensaje reenviado",
    "inizio messaggio inoltrato", "início da mensagem", "begin doorgestuurd bericht", "начало переадресованного",
    "vidarebefordrat brev", "videresendt besked",
)  # fmt: skip
"""How Apple and others introduce a forwarded mail."""

ANSWERED_INSIDE = (
    "below", "inline", "in-line", "in line with", "in red", "in blue", "in green", "in colour", "in color", "in bold",
    "in caps", "in capital", "highlighted", "in yellow", "my answers", "my replies", "my comments", "my responses",
    "answers in", "answered in", "comments in", "between the lines", "interspersed", "in your text", "in the text",
    "in your mail", "in your email", "in your message", "against each", "next to your", "after each", "under each",
    "within your", "siehe unten", "s.u.", "weiter unten", "im text", "in rot", "in blau", "in grün", "rot markiert",
    "farbig", "meine antworten", "antworten unten", "anmerkungen", "ci-dessous", "plus bas", "en rouge", "en bleu",
    "en vert", "dans le texte", "mes réponses", "más abajo", "abajo", "en rojo", "en azul", "mis respuestas",
    "a continuación", "di seguito", "qui sotto", "in rosso", "in blu", "mie risposte", "nel testo", "abaixo",
    "em vermelho", "em azul", "minhas respostas", "hieronder", "onderstaand", "in het rood", "in het blauw",
    "mijn antwoorden", "nedan", "nedenfor", "i rött", "med rødt", "i rød", "poniżej", "na czerwono", "w treści",
    "níže", "červeně", "nižšie", "lentebb", "alább", "pirossal", "aşağıda", "kırmızı", "mai jos", "cu roșu",
    "alla olevaan", "punaisella", "ниже", "красным", "в тексте", "нижче", "червоним", "παρακάτω", "κόκκινο",
    "如下", "下面", "红字", "紅字", "红色", "紅色", "下記", "以下", "赤字", "아래", "빨간", "bên dưới", "màu đỏ",
    "di bawah", "merah", "ด้านล่าง", "สีแดง", "להלן", "באדום", "أدناه", "بالأحمر",
)  # fmt: skip
"""What people write above a quote when their answers are inside it."""

REPLY_ABOVE = (
    "please type your reply above this line", "reply above this line", "type your reply above",
    "write your reply above", "antworten sie oberhalb dieser linie", "répondez au-dessus de cette ligne",
)  # fmt: skip

FROM = frozenset({
    "from", "von", "de", "da", "van", "från", "fra", "od", "от", "від", "发件人", "寄件者", "寄件人", "差出人",
    "送信者", "보낸 사람", "보낸사람", "발신", "lähettäjä", "kimden", "gönderen", "feladó", "από", "expéditeur",
    "remitente", "remetente", "mittente", "afzender", "nadawca", "отправитель", "odesílatel", "odosielateľ",
    "מאת", "من", "từ", "จาก", "dari", "avsender", "absender", "de la",
})  # fmt: skip
SENT = frozenset({
    "sent", "subject", "gesendet", "betreff", "envoyé", "objet", "enviado", "asunto", "assunto", "inviato",
    "oggetto", "verzonden", "onderwerp", "skickat", "ämne", "sendt", "emne", "wysłano", "temat", "отправлено",
    "тема", "发送时间", "主题", "寄件日期", "主旨", "送信日時", "件名", "보낸 날짜", "제목", "lähetetty", "aihe",
    "konu", "gönderildi", "enviada", "enviada em", "elküldve", "tárgy", "θέμα", "στάλθηκε", "odesláno",
    "předmět", "predmet", "odoslané", "subiect", "trimis", "נושא", "נשלח", "الموضوع", "تاريخ الإرسال", "đã gửi",
    "chủ đề", "ส่ง", "เรื่อง", "subjek", "perihal", "poslano", "надіслано", "sendt den", "sujet", "sent on",
    "보낸시간", "发送日期", "發送時間", "主題", "enviado el", "sent at",
})  # fmt: skip
"""Labels of a mail's header for its subject and its time of sending."""

SENT_ON = frozenset({
    "sent", "gesendet", "envoyé", "enviado", "enviado el", "enviada", "enviada em", "enviado em", "inviato",
    "verzonden",
    "skickat", "sendt", "sendt den", "wysłano", "отправлено", "发送时间", "发送日期", "發送時間", "寄件日期",
    "送信日時",
    "보낸 날짜", "보낸시간", "lähetetty", "gönderildi", "gönderilme tarihi", "elküldve", "στάλθηκε", "odesláno",
    "odoslané",
    "trimis", "נשלח", "تاريخ الإرسال", "đã gửi", "ส่ง", "poslano", "надіслано", "sent on", "sent at",
})  # fmt: skip
"""The labels for the time of sending, which only mails have."""

OTHERS = SENT | frozenset({
    "to", "date", "cc", "bcc", "an", "kopie", "datum", "à", "a", "para", "data", "aan", "till", "til", "do",
    "dw", "дата", "кому", "копия", "копія", "收件人", "收件者", "日期", "宛先", "日時", "받는 사람", "참조", "tarih",
    "kime", "fecha", "抄送", "címzett", "dátum", "προς", "ημερομηνία", "komu", "către", "catre", "אל", "תאריך",
    "إلى", "التاريخ", "đến", "ngày", "ถึง", "วันที่", "kepada", "tanggal", "vastaanottaja", "päivämäärä", "pvm",
    "importance", "attachments", "reply-to", "kopi", "kopia", "副本", "副本抄送", "得", "받는사람", "날짜", "dato",
})  # fmt: skip

SENT_FROM = (
    "sent from my ", "sent from mail for", "sent from outlook", "get outlook for", "sent with ", "sent from yahoo",
    "von meinem ", "gesendet von ", "gesendet mit ", "envoyé de mon ", "envoyé depuis ", "envoyé à partir de ",
    "enviado desde ", "enviado do meu ", "enviado a partir", "inviato da ", "verzonden vanaf ", "verstuurd vanaf ",
    "skickat från ", "sendt fra ", "wysłano z ", "wysłane z ", "отправлено с ", "отправлено из ", "надіслано з ",
    "发自我的", "從我的", "傳送自我的", "iphoneから送信", "나의 iphone에서", "내 iphone에서", "sent via ",
    "get bluemail for", "yahoo mail for", "odesláno z ", "odoslané z ", "elküldve a ", "iphone'umdan gönderildi",
    "iphone'dan gönderildi", "lähetetty ", "trimis de pe ", "obter outlook", "outlook für ", "télécharger outlook",
    "obtener outlook", "scarica outlook", "download outlook", "nabavite outlook", "从我的", "发自 ",
    "sent by ", "dikirim dari ", "được gửi từ ", "ส่งจาก ", "נשלח מה", "أرسلت من ",
)  # fmt: skip
"""What phones and programs write below a mail."""

SENT_SOMEHOW = (
    "sent with ", "sent by ", "sent via ", "von meinem ", "gesendet von ", "gesendet mit ", "envoyé depuis ",
    "envoyé à partir de ", "enviado desde ", "enviado a partir", "inviato da ", "verzonden vanaf ",
    "verstuurd vanaf ", "skickat från ", "sendt fra ", "wysłano z ", "wysłane z ", "отправлено с ",
    "отправлено из ", "надіслано з ", "odesláno z ", "odoslané z ", "elküldve a ", "lähetetty ", "trimis de pe ",
    "dikirim dari ", "được gửi từ ",
)  # fmt: skip
"""Those of these phrases that people also use for goods and papers."""

DEVICES = (
    "iphon", "ipad", "ipod", "macbook", "android", "samsung", "galaxy", "huawei", "xiaomi", "redmi", "oppo", "nokia",
    "oneplus", "motorola", "xperia", "lenovo", "blackberry", "smartphone", "phone", "mobil", "móvil", "celular",
    "cellul", "handy", "tablet", "telefon", "teléfono", "téléphone", "телефон", "смартфон", "puhelim", "kännyk",
    "windows", "outlook", "gmail", "gmx", "yahoo", "proton", "tutanota", "thunderbird", "bluemail",
    "mailbird", "mailspring", "superhuman", "shortwave", "mailtrack", "roundcube", "sogo", "zimbra", "icloud",
    "hotmail", "naver", "yandex", "emclient", "typeapp",
    "application", "applicazione", "aplicación", "aplicativo", "aplikac", "приложени",
)  # fmt: skip
"""How the names of phones and programs begin."""

DEVICE_NAMES = frozenset({
    "app", "apps", "mac", "pc", "laptop", "computer", "pixel", "sony", "htc", "lg", "vivo", "honor", "web.de",
    "t-online", "mail.ru", "aol", "zoho", "tuta", "spark", "missive", "hubspot", "почта", "почты", "gerät",
})  # fmt: skip

CARRIERS = frozenset({
    "courier", "dhl", "fedex", "ups", "tnt", "gls", "dpd", "hermes", "aramex", "ems", "usps", "post",
    "truck", "vessel", "ship", "sea", "air", "rail", "kurier", "spedition", "lkw", "schiff", "bahn", "luftfracht",
})  # fmt: skip
"""Carriers of goods and papers, whose names show that no program wrote the line."""

CLOSINGS = frozenset({
    "best regards", "kind regards", "warm regards", "with kind regards", "with best regards", "regards",
    "many regards", "best wishes", "with best wishes", "sincerely", "sincerely yours", "yours sincerely",
    "yours faithfully", "yours truly", "kindest regards", "warmest regards", "with warm regards",
    "thanks and regards", "thanks & regards", "thank you and regards", "thanks and best regards",
    "thanks & best regards", "best", "br", "mit freundlichen grüßen", "mit freundlichen grüssen",
    "mit freundlichem gruß", "freundliche grüße", "freundliche grüsse", "viele grüße", "beste grüße",
    "liebe grüße", "schöne grüße", "mfg", "lg", "vg", "herzliche grüße", "cordialement", "bien cordialement",
    "bien à vous", "salutations", "sincères salutations", "meilleures salutations", "amicalement", "saludos",
    "saludos cordiales", "un saludo", "atentamente", "un cordial saludo", "cordiali saluti", "distinti saluti",
    "saluti", "un saluto", "atenciosamente", "cumprimentos", "com os melhores cumprimentos", "met vriendelijke groet",
    "met vriendelijke groeten", "vriendelijke groet", "groeten", "mvg", "med vänliga hälsningar",
    "vänliga hälsningar", "hälsningar", "mvh", "med venlig hilsen", "venlig hilsen", "med vennlig hilsen",
    "vennlig hilsen", "hilsen", "z poważaniem", "pozdrawiam", "с уважением", "з повагою", "s pozdravem",
    "s pozdravom", "üdvözlettel", "saygılarımla", "iyi çalışmalar", "ystävällisin terveisin", "terveisin",
    "cu stimă", "με εκτίμηση", "此致", "敬礼", "敬具", "よろしくお願いいたします", "감사합니다", "trân trọng",
    "salam", "hormat kami", "בברכה", "مع أطيب التحيات",
})  # fmt: skip
"""Lines that close a letter."""

DISCLAIMERS = (
    "please consider the environment", "think before you print", "this email is confidential", "this e-mail is",
    "this email may contain", "this message is confidential", "confidential", "save paper", "bitte denken sie",
    "pensez à l'environnement", "antes de imprimir", "before printing", "disclaimer", "www.", "http",
)  # fmt: skip
"""How the text begins that companies add below every mail."""
