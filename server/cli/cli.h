/* cli — the administrator's verbs: user, room, token, check, demo. They work on the data directory alone,
 * whether the server runs or not. */
#ifndef CLI_H
#define CLI_H

/* argv[1] is the verb. The exit status: 0 done, 1 it failed (a sentence on stderr), 2 wrong words. */
int cli_main(int argc, char **argv);

/* Fills a fresh data directory with people, spaces, events and, when `pipe` can make one, a recorded lesson.
 * The sign-ins are kept in DATA/demo-signin.txt. -ERR_x with a sentence; what was made until then stays. */
int demo_fill(const char *data_dir, const char *pipe, char err[256]);
/* Prints the demo sign-ins, if this directory has any. */
void demo_print(const char *data_dir);

#endif
