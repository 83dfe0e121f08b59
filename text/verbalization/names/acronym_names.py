"""Which words in capitals are read as words, and which as letters."""

from text.verbalization.word_set import word_set

READ_AS_WORDS = word_set(
    """
    ram rom sim pin gif aids nato nasa nafta fifa fema osha potus scotus flotus wasp yolo lol laser radar sonar scuba
    nvidia nasdaq opec unesco xbox unicef covid jpeg png mac asean swat snap dare mash bart zip gap moma tesol toefl
    gmat lsat cat pet gui wac elo esa sap ikea lego sars mers mensa imax nascar epcot nimby swot saas paas iaas dos cad
    cam bios raid ping rip wan lan vin tin bic fica roth ada cobra hipaa medicaid dreamer gasp rico awol fubar snafu
    taser captcha modem unix linux posix ajax rest soap crud json yaml toml jar war cors spa nosql cuda hud fed asic
    fins wap rap pac sac lidar vader isis icann gaap fafsa stem steam sag bafta nas dac kpop
    """
)
"""Acronyms that are read as words although they are short, and longer ones for clarity."""

READ_AS_LETTERS = word_set(
    """
    byob xoxo usopc ymca usa usda ucla ieee asap aarp iaea oecd icao naacp nyu usaf usps uae ussr ufo ufos ioc iou eta
    ecu aaa aa atm aka diy faq faqs vip vips eu uk us un ai ui ux id io os oj ot la dc tv pc hr pr cv ceo cfo cto coo
    cio cia fbi nsa nih cdc fda epa irs ira doj dod dhs dea atf faa fcc ftc sec fdic hud ncaa usb hiv iq ev suv rv apa
    api apis aoc jfk rfk lbj fdr mlk aclu usfl espn nbc abc cbs cnn bbc pbs npr hbo amc uhf vhf ada ebay aol irc ipo
    ipos iso isbn isp ide sdk cli gpu cpu url urls uri html css sql ocd ptsd adhd iud ivf mri icu er emt ems dna rna
    copd ibs eeg ekg ecg oem odi evp svp isu osu usc uab uic ufc usta eoe eod oop ooo omg imo imho idk iirc afaik fyi
    btw tbd tba rsvp icymi ama eli tldr lgbtqia sat act gre aoa aoe ecb imf ipcc iba itv usgs usmc usn uss ucsd ucsb
    ucsf uva unc unh aapl amzn goog tsla nvda aba aacs acl ac afk icbm iss ios eps etf etfs esg erp crm
    """
)
"""Acronyms that are read as letters although they could be read as words."""

SHOUTED = word_set(
    """
    a am an and any are as at bad be big both but by buy call can day did do does done don eat end ever every far few
    for free from fun get go god good got great guy had has hate have he hell help her here hers hey him his hot how
    huge i if in into is isn it its just keep key know less let like live long lot love low mad make man many may me men
    mine more most much must my need never new next nice no none nor not now of off oh okay old on once one only or our
    out over own please put read real really red right run sad said same save say see sell she should sit six so some
    stop still such take ten than that the their them then there these they this those time to too top try two under
    until up upon use very wait want war was way we well were what when where which who whole whom whose why will win
    with won wow yay yep yes yet you your yours zero ugh aha ha hah haha oops ouch yikes dear stay warning danger note
    important attention caution exit open closed sale push pull happy birthday best ago air all also bed boy box car cut
    dad mom dog cat die dry ear eye fit fly fix hit ice job joy kid law leg lie lip map met mix net nut oil pay pen pig
    pop rat raw row sea set sex shy sin sky son sun tax tea tie toe toy van wet wise yard bus bar bag bat beg bet bit
    hug pie hat boo ham egg fox zoo fan yow pot gas sip tap cup mug jam log mud owl pan pit rug saw spy wig bee cow hen
    bow lid jaw ink jar kit lab leaf nap pad pal pup rib rub sob sum tan tub wax web ray non mid sub pre anti yum yup
    ask ate arm art age add aid aim ant ape max pro plus mini ash axe
    """
)
"""English words that are written in capitals for emphasis."""

AMBIGUOUS = word_set(
    """
    it us who or in am me he no so is on an at as to up go do be by if of my we art aid sad
    """
)
"""Words of `SHOUTED` that are also acronyms: `the IT department`, `the WHO`."""

UPSTREAM = frozenset(("KB", "MB", "GB", "TB"))
"""Units, which upstream reads."""

SPECIAL = {
    "AAA": "triple a",
    "AA": "double a",
    "IEEE": "i triple e",
    "NAACP": "n double a c p",
    "NCAA": "n c double a",
    "JPEG": "jay peg",
    "JPEGs": "jay pegs",
    "JPG": "jay peg",
    "PNG": "p n g",
    "SCSI": "scuzzy",
    "WYSIWYG": "wizzy wig",
    "MPEG": "em peg",
    "CMOS": "sea moss",
    "DVR": "d v r",
    "OK": "o k",
    "PhD": "p h d",
    "PhDs": "p h d's",
    "EdD": "e d d",
    "iOS": "i o s",
    "iPadOS": "ipad o s",
    "macOS": "mac o s",
    "IoT": "i o t",
    "DoD": "d o d",
    "DoJ": "d o j",
    "mRNA": "m r n a",
    "tRNA": "t r n a",
    "eSIM": "e sim",
    "LaTeX": "la tech",
    "SaaS": "sass",
    "PaaS": "pass",
    "VoIP": "voip",
    "WWI": "world war one",
    "WWII": "world war two",
    "MSc": "m s c",
    "BSc": "b s c",
    "YoY": "year over year",
    "QoQ": "quarter over quarter",
    "NVMe": "n v m e",
    "PCIe": "p c i e",
    "LLaMA": "llama",
    "LLaVA": "lava",
    "DeFi": "defi",
    "NaN": "nan",
    "pH": "p h",
    "ChatGPT": "chat g p t",
    "OpenAI": "open a i",
    "MySQL": "my s q l",
    "PostgreSQL": "postgres q l",
    "NoSQL": "no s q l",
    "WiFi": "wi-fi",
    "GUIs": "gooeys",
    "I/O": "i o",
    "AC/DC": "a c d c",
    "TCP/IP": "t c p i p",
    "R&B": "r and b",
    "Y2K": "y two k",
}
"""Read in a way that no rule gives."""
