#include "media/pipeline/tonguename.h"
#include <string.h>
#include "media/base/str.h"

enum { CODES = 6 /* "ukukr " */ };

/* ISO 639-1 and 639-2/T, side by side. */
static const char codes[] =
    "aaaar ababk aeave afafr akaka amamh anarg arara asasm avava ayaym azaze babak bebel "
    "bgbul bhbih bibis bmbam bnben bobod brbre bsbos cacat ceche chcha cocos crcre csces "
    "cuchu cvchv cycym dadan dedeu dvdiv dzdzo eeewe elell eneng eoepo esspa etest eueus "
    "fafas ffful fifin fjfij fofao frfra fyfry gagle gdgla glglg gngrn guguj gvglv hahau "
    "heheb hihin hohmo hrhrv hthat huhun hyhye hzher iaina idind ieile igibo iiiii ikipk "
    "ioido isisl itita iuiku jajpn jvjav kakat kgkon kikik kjkua kkkaz klkal kmkhm knkan "
    "kokor krkau kskas kukur kvkom kwcor kykir lalat lbltz lglug lilim lnlin lolao ltlit "
    "lulub lvlav mgmlg mhmah mimri mkmkd mlmal mnmon mrmar msmsa mtmlt mymya nanau nbnob "
    "ndnde nenep ngndo nlnld nnnno nonor nrnbl nvnav nynya ococi ojoji omorm orori ososs "
    "papan pipli plpol pspus ptpor quque rmroh rnrun roron rurus rwkin sasan scsrd sdsnd "
    "sesme sgsag sisin skslk slslv smsmo snsna sosom sqsqi srsrp ssssw stsot susun svswe "
    "swswa tatam tetel tgtgk ththa titir tktuk tltgl tntsn toton trtur tstso tttat twtwi "
    "tytah uguig ukukr ururd uzuzb veven vivie vovol wawln wowol xhxho yiyid yoyor zazha "
    "zhzho zuzul ";
/* What a room offers (web/src/protocol/channels.ts), by their own names. */
static const struct {
    const char *code, *name;
} names[] = {
    {"uk", "українська"}, {"en", "English"},    {"pl", "polski"},     {"de", "Deutsch"},
    {"fr", "français"},   {"es", "español"},    {"it", "italiano"},   {"pt", "português"},
    {"ro", "română"},     {"hu", "magyar"},     {"sk", "slovenčina"}, {"cs", "čeština"},
    {"bg", "български"},  {"el", "Ελληνικά"},   {"tr", "Türkçe"},     {"crh", "qırımtatarca"},
    {"lt", "lietuvių"},   {"lv", "latviešu"},   {"et", "eesti"},      {"fi", "suomi"},
    {"sv", "svenska"},    {"nl", "Nederlands"}, {"ka", "ქართული"},    {"ar", "العربية"},
    {"he", "עברית"},      {"zh", "中文"},       {"ja", "日本語"},     {"ko", "한국어"},
};

static struct str primary(const char *lang) {
    struct str rest = str_of(lang), first = {0};
    str_until(&rest, '-', &first);
    return first;
}
void tongue_iso(char out[4], const char *lang) {
    struct str first = primary(lang);
    str_copy(out, 4, first.n == 3 ? first : STR("und"));
    for (const char *c = codes; first.n == 2 && *c; c += CODES)
        if (!memcmp(c, first.p, 2))
            str_copy(out, 4, (struct str){c + 2, 3});
}
const char *tongue_name(const char *lang) {
    for (size_t i = 0; i < countof(names); i++)
        if (!strcmp(names[i].code, lang))
            return names[i].name;
    return lang;
}
