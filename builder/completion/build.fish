# Asks `build.py`, or `python build.py`, which is of two words.
function __build_py_complete
    set -l typed (commandline -opc)
    set -lx _ARGCOMPLETE $argv[1]
    set -lx _ARGCOMPLETE_DFS \t
    set -lx _ARGCOMPLETE_IFS \n
    set -lx _ARGCOMPLETE_SUPPRESS_SPACE 1
    set -lx _ARGCOMPLETE_SHELL fish
    set -lx COMP_LINE (commandline -p)
    set -lx COMP_POINT (string length -- (commandline -cp))
    set -lx COMP_TYPE
    set -l command $typed[1..$argv[1]]
    $command 8>&1 9>&2 1>/dev/null 2>&1 </dev/null
end
function __build_py_by_python
    set -l typed (commandline -opc)
    test (count $typed) -gt 1; and string match -qr -- '(^|/)build\.py$' $typed[2]
end
complete --command build.py -f -a '(__build_py_complete 1)'
for python in python python3
    complete --command $python -n __build_py_by_python -f -a '(__build_py_complete 2)'
end
