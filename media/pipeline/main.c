/* somhub-pipe: one process for each recording, conversion or poster, so that what a decoder does to itself is
 * felt by nobody else. Reports in JSON lines on stdout; its exit status says whether it went well. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include "media/pipeline/commands.h"

static const struct verb {
    const char *name, *usage;
    int (*none)(void);
    int (*one)(const char *dir);
    int (*two)(const char *dir, const char *out);
} verbs[] = {
    {"record", "record DIR            record what comes on fd 3, told by JSON lines on stdin", NULL,
     command_record, NULL},
    {"recover", "recover DIR           repair a recording that a crash has torn", NULL, command_recover,
     NULL},
    {"finish", "finish DIR            end a recording and write its manifest", NULL, command_finish, NULL},
    {"mp4", "mp4 DIR OUT.mp4       one file of a recording", NULL, NULL, command_mp4},
    {"poster", "poster DIR OUT.jpg    a picture of a recording", NULL, NULL, command_poster},
    {"demo", "demo DIR              a short recording out of nothing", NULL, command_demo, NULL},
    {"check", "check                 is all that is needed installed?", command_check, NULL, NULL},
};

static int usage(void) {
    fputs("somhub-pipe, the media child of somhub:\n", stderr);
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        fprintf(stderr, "  somhub-pipe %s\n", verbs[i].usage);
    return 2;
}
int main(int argc, char **argv) {
    signal(SIGXFSZ, SIG_IGN); /* a limit of file sizes is an error of a write */
    for (size_t i = 0; argc > 1 && i < sizeof verbs / sizeof verbs[0]; i++) {
        const struct verb *v = &verbs[i];
        if (strcmp(argv[1], v->name))
            continue;
        if (argc == 2 && v->none)
            return v->none() ? 1 : 0;
        if (argc == 3 && v->one)
            return v->one(argv[2]) ? 1 : 0;
        if (argc == 4 && v->two)
            return v->two(argv[2], argv[3]) ? 1 : 0;
    }
    return usage();
}
