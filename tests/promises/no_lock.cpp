// The control of "many writers": a lock that is always given. Linked into a second promise-ledger,
// so that everything but the lock file is the program under test.
#include <sys/file.h>

extern "C" int flock(int, int) {
  return 0;
}
