"""Words that tell what a Roman numeral behind them counts."""

from text.verbalization.word_set import word_set

OTHER_WORDS = word_set("MIX DC MD CD CV DI MC MM CC CM MV MI XL XXL DM IV DL ML LI")
"""Numerals that are more often words or other abbreviations."""

HEADINGS = word_set(
    """
    war wars chapter chapters part parts act scene volume volumes vol book books phase type types class title article
    articles section sections bowl apollo gemini episode season figure table appendix annex exhibit schedule unit units
    lesson step round stage grade level tier category group division factor nerve nerves mark mk model series generation
    movement symphony sonata opus psalm canto verse olympiad wrestlemania vatican basel solvency salt calculus algebra
    physics chemistry english spanish french latin biology history economics rocky rambo creed diablo quake doom
    civilization halo fantasy fighter kombat quest auto souls scrolls evil lords lord instinct saturn titan falcon vega
    ariane soyuz zelda ultima baldur's gate witcher age empires ages heroes kingdom hearts persona saints row fallout
    borderlands gears portal bioshock dead rising street party dawn duty soldier horizon generations nights crown iphone
    ps playstation mustang golf polaris trident minuteman panzer tiger leopard deadpool ghostbusters superman batman
    jaws halloween psycho police academy naked gun hangover scream saw gremlins squadron operation plan protocol
    convention treaty amendment clause paragraph page pages form annexes schedules option zone area region district
    sector site camp station block platform photosystem complex collagen interferon angiotensin trial trials collection
    versus method theorem problem case corps fleet battalion size team shop drive army brigade regiment concerto quartet
    suite nocturne prelude etude variation piano study exercise
    """
)
"""Things that are numbered."""

REGNAL = word_set(
    """
    elizabeth charles james francis nicholas napoleon alexander leopold ferdinand philip wilhelm justinian darius xerxes
    selassie joseph otto pedro george henry edward william richard louis mary catherine peter paul john pius leo gregory
    benedict innocent clement boniface urban julius sixtus adrian alfonso carlos felipe juan umberto victor emmanuel
    frederick friedrich gustav gustavus christian haakon olav harald margrethe oscar carl karl maximilian rudolf albert
    baldwin rainier ludwig augustus constantine theodosius valentinian romulus basil ptolemy cleopatra ramesses ramses
    rameses thutmose amenhotep seti psamtik cyrus artaxerxes cambyses mithridates antiochus seleucus antigonus attila
    mehmed murad selim suleiman bayezid ahmed mahmud abdul hamid osman ivan vasily boris stephen stephan andrew bela
    casimir sigismund wladyslaw mieszko boleslaw robert david malcolm kenneth duncan donald hussein hassan mohammed
    muhammad abdullah faisal farouk fuad pahlavi akihito anne jane matilda isabella juana joanna eleanor margaret
    beatrix wilhelmina juliana willem michael manuel sancho ramon thomas ralph walter hugh callixtus celestine honorius
    eugene martin nikolaus lothair conrad theodore
    """
)
"""Names of rulers and popes."""

REGNAL_X = word_set(
    """
    leo pius louis charles alfonso gregory benedict boniface john innocent clement christian
    """
)
"""Those that a single X may follow."""

FIRST_NAMES = word_set(
    """
    william james john robert george henry edward charles thomas joseph david richard michael davis samuel frank
    franklin benjamin daniel walter harold arthur frederick albert ernest howard louis carl raymond francis lawrence
    edwin hugh sammy cal ken kenneth stephen steven mark andrew anthony matthew christopher kevin brian jeffrey scott
    trey marvin loudon thurston preston marshall odell larry gary dwight reggie earl patrick oliver wendell herbert
    martin
    """
)
"""First names of men whose sons bear the same name."""

STARTS = word_set("the in on at of and an a my his her our see use is with")
"""Words before a numeral that are no names, even with a capital."""
