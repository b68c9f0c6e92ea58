
# `python build.py`, beside what completes `python` otherwise.
_build_py_by_python() {
    if (( CURRENT > 2 )) && [[ ${words[2]:t} == build.py ]]; then
        local IFS=$'\013'
        local completions
        completions=($(IFS="$IFS" \
            COMP_LINE="$BUFFER" \
            COMP_POINT="$CURSOR" \
            _ARGCOMPLETE=2 \
            _ARGCOMPLETE_SHELL=zsh \
            _ARGCOMPLETE_SUPPRESS_SPACE=1 \
            __python_argcomplete_run ${words[1]} ${words[2]}))
        _describe build.py completions
    else
        _python "$@"
    fi
}
compdef _build_py_by_python python python3
