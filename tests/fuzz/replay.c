/* Runs one fuzz target over files: every crash once found, and every input kept, stays a regression test
 * where no libFuzzer is. Usage: fuzz_x DIRECTORY-OR-FILE…   Exit 1 when nothing was there to run. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { INPUT_MAX = 1 << 20, PATH_BYTES = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path) {
    FILE *f = fopen(path, "rb");
    uint8_t *all = malloc(INPUT_MAX);
    if (!f || !all) {
        perror(path);
        exit(1);
    }
    size_t n = fread(all, 1, INPUT_MAX, f);
    fclose(f);
    /* A copy of exactly this size, so the sanitizer sees the first byte past the end. */
    uint8_t *input = malloc(n ? n : 1);
    if (!input)
        exit(1);
    memcpy(input, all, n);
    fprintf(stderr, "%s\n", path);
    LLVMFuzzerTestOneInput(input, n);
    free(input);
    free(all);
    return 1;
}

static int run_path(const char *path) {
    struct stat st;
    if (stat(path, &st) || !S_ISDIR(st.st_mode))
        return run_file(path);
    DIR *d = opendir(path);
    int n = 0;
    for (struct dirent *e; d && (e = readdir(d));) {
        char child[PATH_BYTES];
        if (e->d_name[0] == '.' || snprintf(child, sizeof child, "%s/%s", path, e->d_name) >= PATH_BYTES)
            continue;
        n += run_path(child);
    }
    if (d)
        closedir(d);
    return n;
}

int main(int argc, char **argv) {
    int n = 0;
    for (int i = 1; i < argc; i++)
        n += run_path(argv[i]);
    printf("%sok 1 - %d inputs\n", n ? "" : "not ", n);
    return n ? 0 : 1;
}
