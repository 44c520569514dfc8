#include "server/jobs/box.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "media/base/buf.h"

enum { FILES_OPEN_MAX = 64 };

#if defined(__x86_64__)
#define NATIVE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE AUDIT_ARCH_AARCH64
#endif

static int limit(int what, uint64_t n) {
    struct rlimit r = {n, n};
    return setrlimit((__rlimit_resource_t)what, &r);
}

/* Whatever talks to the outside, to other processes, or makes new ones: refused, not deadly, so that a
 * library which tries merely does without. */
static int filter(bool threads) {
#ifdef NATIVE
#define IS(name) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1)
#define NO(name) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1), BPF_STMT(BPF_RET | BPF_K, refuse)
    const uint32_t refuse = SECCOMP_RET_ERRNO | EPERM;
    /* The flags of clone3 are behind a pointer, so glibc is told that there is none and takes clone. */
    const uint32_t no_clone3 = threads ? SECCOMP_RET_ERRNO | ENOSYS : refuse;
    const uint8_t thread = threads ? 0 : 1; /* how many steps on a clone with CLONE_THREAD goes */
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
#ifdef __x86_64__ /* x32: the same calls under other numbers */
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        NO(fork),
        NO(vfork),
#endif
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 4),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)), /* the lower half */
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, thread, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, refuse),
        IS(clone3),
        BPF_STMT(BPF_RET | BPF_K, no_clone3),
        NO(socket),
        NO(socketpair),
        NO(connect),
        NO(bind),
        NO(kill),
        NO(tkill),
        NO(ptrace),
        NO(process_vm_readv),
        NO(process_vm_writev),
        NO(pidfd_getfd),
        NO(bpf),
        NO(io_uring_setup),
        NO(perf_event_open),
        NO(userfaultfd),
        NO(keyctl),
        NO(add_key),
        NO(request_key),
        NO(unshare),
        NO(setns),
        NO(mount),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
#undef NO
#undef IS
    struct sock_fprog program = {countof(code), code};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
#else
    (void)threads;
    return 0;
#endif
}

enum {
    READ = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_EXECUTE,
    WRITE = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_WRITE_FILE |
            LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE,
    EVERYTHING = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1, /* of the first version of the interface */
};

static int allow(int rules, const char *path, uint64_t access) {
    struct landlock_path_beneath_attr a = {.allowed_access = access,
                                           .parent_fd = open(path, O_PATH | O_CLOEXEC)};
    if (a.parent_fd < 0)
        return 0; /* what is not there need not be allowed */
    int rc = (int)syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &a, 0);
    close(a.parent_fd);
    return rc;
}

static int close_files(const struct box *b) {
    static const char *const readable[] = {"/usr", "/lib", "/lib64", "/bin", "/etc", "/var/cache/fontconfig"};
    struct landlock_ruleset_attr attr = {.handled_access_fs = EVERYTHING};
    int rules = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
    if (rules < 0)
        return errno == ENOSYS || errno == EOPNOTSUPP ? 0 : -1;
    int rc = 0;
    for (size_t i = 0; i < countof(readable); i++)
        rc |= allow(rules, readable[i], READ);
    if (b->read)
        rc |= allow(rules, b->read, LANDLOCK_ACCESS_FS_READ_FILE);
    if (b->write)
        rc |= allow(rules, b->write, WRITE);
    if (!rc)
        rc = (int)syscall(SYS_landlock_restrict_self, rules, 0);
    close(rules);
    return rc;
}

int box_enter(const struct box *b) {
    int rc = limit(RLIMIT_CPU, b->cpu_s) | limit(RLIMIT_AS, b->memory_bytes) |
             limit(RLIMIT_FSIZE, b->file_bytes) | limit(RLIMIT_NOFILE, FILES_OPEN_MAX) |
             limit(RLIMIT_CORE, 0);
    if (rc || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return -1;
    return close_files(b) || filter(b->threads) ? -1 : 0;
}
