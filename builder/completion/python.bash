
# `python build.py`, beside what completed `python` before.
{ _comp_load python || _completion_loader python; } &> /dev/null
_build_py_before=
if [[ $(complete -p python 2> /dev/null) =~ \ -F\ ([^ ]+) && ${BASH_REMATCH[1]} != _build_py_by_python ]]; then
    _build_py_before=${BASH_REMATCH[1]}
fi
_build_py_by_python() {
    if [[ $COMP_CWORD -gt 1 && ${COMP_WORDS[1]##*/} == build.py ]]; then
        local IFS=$'\013'
        compopt +o nospace 2> /dev/null
        COMPREPLY=($(IFS="$IFS" \
            COMP_LINE="$COMP_LINE" \
            COMP_POINT="$COMP_POINT" \
            COMP_TYPE="$COMP_TYPE" \
            _ARGCOMPLETE_COMP_WORDBREAKS="$COMP_WORDBREAKS" \
            _ARGCOMPLETE=2 \
            _ARGCOMPLETE_SHELL=bash \
            _ARGCOMPLETE_SUPPRESS_SPACE=1 \
            __python_argcomplete_run "$1" "${COMP_WORDS[1]}")) || unset COMPREPLY
    elif [[ -n $_build_py_before ]]; then
        "$_build_py_before" "$@"
    fi
}
complete -o default -o bashdefault -F _build_py_by_python python python3
