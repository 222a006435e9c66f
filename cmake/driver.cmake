# The drivers' crate, src/bridge/driver: built by cargo, once for all presets.
#
# Makes the target `tidings_driver` (what to link, and where the generated header is) and sets
# DRIVER_SOURCE, the generated C++ that the room compiles with its own flags.
set(TIDINGS_DRIVER_BUILD ${PROJECT_SOURCE_DIR}/build/driver
    CACHE PATH "Where cargo builds the drivers' crate")

find_program(CARGO cargo PATHS $ENV{HOME}/.cargo/bin REQUIRED)
find_program(RUSTC rustc PATHS $ENV{HOME}/.cargo/bin REQUIRED)
execute_process(COMMAND ${RUSTC} --version OUTPUT_VARIABLE rustc_version)
string(REGEX MATCH "[0-9]+\\.[0-9]+" rustc_version "${rustc_version}")
if(rustc_version VERSION_LESS 1.85)
  message(FATAL_ERROR "rustc ${rustc_version} (${RUSTC}) is older than 1.85; tools/setup installs a newer one")
endif()

set(DRIVER_DIR ${PROJECT_SOURCE_DIR}/src/bridge/driver)
set(DRIVER_GENERATED ${TIDINGS_DRIVER_BUILD}/cxxbridge)
set(DRIVER_SOURCE ${DRIVER_GENERATED}/tidings-driver/src/lib.rs.cc)
set(DRIVER_LIBRARY ${TIDINGS_DRIVER_BUILD}/release/libtidings_driver.a)
file(GLOB driver_sources CONFIGURE_DEPENDS ${DRIVER_DIR}/src/*.rs)

# Cargo touches only what it changed, hence the stamp: each preset asks it once after a change, and
# the byproducts' own times say what follows from that. A source that is not there yet, or a preset
# that is new, costs a fifth of a second.
set(driver_stamp ${CMAKE_BINARY_DIR}/driver.stamp)
add_custom_command(
  OUTPUT ${driver_stamp}
  BYPRODUCTS ${DRIVER_LIBRARY} ${DRIVER_SOURCE} ${DRIVER_GENERATED}/tidings-driver/src/lib.rs.h
             ${DRIVER_GENERATED}/rust/cxx.h
  # Ninja removes the byproducts of what was broken off, and cargo, which had made them, would not miss them.
  COMMAND sh -c "test -e '${DRIVER_GENERATED}/tidings-driver/src/lib.rs.h' || touch '${DRIVER_DIR}/src/lib.rs'"
  COMMAND ${CMAKE_COMMAND} -E env --unset=RUSTFLAGS --unset=CXXFLAGS --unset=CFLAGS
          CARGO_TARGET_DIR=${TIDINGS_DRIVER_BUILD} RUSTC=${RUSTC} CXX=g++ CC=gcc
          ${CARGO} build --quiet --release --locked --manifest-path ${DRIVER_DIR}/Cargo.toml
  COMMAND ${CMAKE_COMMAND} -E touch ${driver_stamp}
  DEPENDS ${driver_sources} ${DRIVER_DIR}/build.rs ${DRIVER_DIR}/Cargo.toml ${DRIVER_DIR}/Cargo.lock
  COMMENT "Building the drivers' crate (a minute and a half the first time)"
  USES_TERMINAL VERBATIM)
add_custom_target(driver_build DEPENDS ${driver_stamp})

add_library(tidings_driver INTERFACE)
add_dependencies(tidings_driver driver_build)
target_include_directories(tidings_driver SYSTEM INTERFACE ${DRIVER_GENERATED})
target_link_libraries(tidings_driver INTERFACE ${DRIVER_LIBRARY} Threads::Threads ${CMAKE_DL_LIBS} m)
