/* cli — the administrator's verbs: user, room, token, check, demo. They work on the data directory alone, whether the
 * server runs or not. */
#ifndef CLI_H
#define CLI_H

/* argv[1] is the verb. The exit status: 0 done, 1 it failed (a sentence on stderr), 2 wrong words. */
int cli_main(int argc, char **argv);

#endif
