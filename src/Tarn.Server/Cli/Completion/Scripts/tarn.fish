# Completion of tarn for fish: tarn completion fish | source
function __tarn_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  for line in (command tarn complete -- $words[2..-1] "$current" 2>/dev/null)
    switch $line
      case :files
        __fish_complete_path "$current"
      case :directories
        __fish_complete_directories "$current"
      case '*'
        echo $line
    end
  end
end
complete -c tarn -f -a '(__tarn_complete)'
