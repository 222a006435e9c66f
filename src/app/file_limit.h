#pragma once

#include <cstddef>

namespace tidings {

// The open files of this process, sockets included, and how many it may have.
struct FileLimit {
  std::size_t open = 0;
  std::size_t max = 0;
};

FileLimit read_file_limit();

// How many of a process's files may be connections of clients, now that it has opened what it needs
// from the start. The rest is kept for what must go on however many clients come: the tables of the
// store, the admin listener, connections to other servers. 0: there are too few for any.
std::size_t connections_that_fit(const FileLimit& files);

}  // namespace tidings
