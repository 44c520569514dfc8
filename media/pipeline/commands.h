/* commands — the verbs of somhub-pipe, one process each. Exit status 0 is success; otherwise an "error" line has said
 * why. All JSON lines are described in README of this folder's protocol: see the head of commands' sources. */
#ifndef COMMANDS_H
#define COMMANDS_H

int command_record(const char *dir);
int command_recover(const char *dir);
int command_finish(const char *dir);
int command_mp4(const char *dir, const char *out);
int command_poster(const char *dir, const char *out);

#endif
