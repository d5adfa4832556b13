/// What a person puts into their shell's start-up file: it asks `covey complete` at each Tab.
package enum CompletionScript {
  package static func text(for shell: Completion.ShellName) -> String {
    switch shell {
    case .bash: bash
    case .zsh: zsh
    }
  }

  private static let bash = #"""
    # Completion of covey for bash: eval "$(covey completion bash)"
    _covey() {
      local line kind='' current=${COMP_WORDS[COMP_CWORD]}
      COMPREPLY=()
      while IFS= read -r line; do
        if [[ -z $kind ]]; then kind=$line; else COMPREPLY+=("${line%%$'\t'*}"); fi
      done < <("${COMP_WORDS[0]/#\~/$HOME}" complete bash -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
      [[ $current == '=' ]] && current=''
      case $kind in
        files)
          compopt -o filenames 2>/dev/null
          mapfile -t COMPREPLY < <(compgen -f -- "$current")
          ;;
        directories)
          compopt -o filenames 2>/dev/null
          mapfile -t COMPREPLY < <(compgen -d -- "$current")
          ;;
      esac
    }
    complete -F _covey covey

    """#

  private static let zsh = #"""
    #compdef covey
    # Completion of covey for zsh: eval "$(covey completion zsh)", or a file _covey in $fpath
    _covey() {
      local -a lines described
      local entry kind
      lines=("${(@f)$("${(e)words[1]/#\~/$HOME}" complete zsh -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
      kind=$lines[1]
      shift lines
      case $kind in
        files)
          [[ $PREFIX == --*=* ]] && compset -P '*='
          _files
          ;;
        directories)
          [[ $PREFIX == --*=* ]] && compset -P '*='
          _files -/
          ;;
        words)
          for entry in $lines; do
            described+=("${${entry%%$'\t'*}//:/\\:}:${entry#*$'\t'}")
          done
          _describe 'covey' described
          ;;
      esac
    }
    if [[ $funcstack[1] == _covey ]]; then _covey "$@"; else compdef _covey covey; fi

    """#
}
