using System.CommandLine;
using System.CommandLine.Completions;

namespace Tarn.Server.Cli.Completion;

/// <summary>What a word of a command line may be: nouns, verbs, options and the values that can be listed. No server is asked.</summary>
internal static class CompletionCandidates
{
    /// <summary>The candidate that stands for the names of files.</summary>
    public const string Files = ":files";

    /// <summary>The candidate that stands for the names of directories.</summary>
    public const string Directories = ":directories";

    /// <summary>The words that may be where the cursor is, each once.</summary>
    /// <param name="root">The program.</param>
    /// <param name="before">The words between the program's name and the cursor's.</param>
    /// <param name="current">The word at the cursor as far as it is written.</param>
    public static IReadOnlyList<string> Of(Command root, IReadOnlyList<string> before, string current)
    {
        var place = new Place(root);
        foreach (string word in before)
        {
            place.Pass(word);
        }

        // Bash takes the equals sign of --option=value for a word of its own; to other shells all of it is one word, which the candidates then begin with.
        string written = current == "=" ? "" : current;
        if (place.Awaited is null && !place.OnlyArguments && written.StartsWith("--", StringComparison.Ordinal) && written.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals)
        {
            string option = written[..equals], value = written[(equals + 1)..];
            place.Pass(option);
            return place.Awaited is { } named ? [.. Values(named).Where(word => word.StartsWith(value, StringComparison.Ordinal)).Select(word => $"{option}={word}").Distinct(StringComparer.Ordinal)] : [];
        }

        IEnumerable<string> all = place.Awaited is { } awaited ? Values(awaited)
            : written.StartsWith('-') && !place.OnlyArguments ? place.Options.Where(static option => !option.Hidden).Select(static option => option.Name)
            : place.Words;
        return [.. all.Where(word => word is Files or Directories || word.StartsWith(written, StringComparison.Ordinal)).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The values of an option or argument that can be listed: of a placeholder such as <c>on|off</c>, or that its command declares.</summary>
    private static IEnumerable<string> Values(Symbol symbol)
    {
        (string placeholder, List<Func<CompletionContext, IEnumerable<CompletionItem>>> sources) = symbol is Option option
            ? (option.HelpName ?? "", option.CompletionSources)
            : (symbol.Name, ((Argument)symbol).CompletionSources);
        string[] parts = placeholder.Split('|');
        foreach (string part in parts)
        {
            if (part is "FILE" or "LOCAL" or "PATH" or "TARGET" or "FROM" or "POLICY")
            {
                yield return Files;
            }
            else if (part is "DIR" or "NEWDIR")
            {
                yield return Directories;
            }
            else if (part.Length > 0 && parts.Length > 1 && !part.Any(char.IsAsciiLetterUpper))
            {
                yield return part;
            }
        }

        foreach (CompletionItem item in sources.SelectMany(static source => source(CompletionContext.Empty)))
        {
            yield return item.Label;
        }
    }

    /// <summary>Where the cursor is, after the words before it.</summary>
    private sealed class Place(Command command)
    {
        private Command _command = command;
        private readonly HashSet<Option> _given = [];
        private readonly List<Option> _inherited = [];
        private int _arguments;

        /// <summary>The option whose value the next word is; null: none.</summary>
        public Option? Awaited { get; private set; }

        /// <summary>Whether <c>--</c> has ended the options.</summary>
        public bool OnlyArguments { get; private set; }

        /// <summary>The options that may still be given.</summary>
        public IEnumerable<Option> Options => _command.Options.Concat(_inherited).Where(option => !_given.Contains(option) || option.Arity.MaximumNumberOfValues > 1);

        /// <summary>The commands that may follow, and the values of the next argument.</summary>
        public IEnumerable<string> Words
        {
            get
            {
                Argument? next = _command.Arguments.Count == 0 ? null
                    : _arguments < _command.Arguments.Count ? _command.Arguments[_arguments]
                    : _command.Arguments[^1] is { Arity.MaximumNumberOfValues: > 1 } last ? last : null;
                IEnumerable<string> commands = _arguments > 0 ? [] : _command.Subcommands.Where(static child => !child.Hidden).Select(static child => child.Name);
                return next is null ? commands : commands.Concat(Values(next));
            }
        }

        public void Pass(string word)
        {
            if (Awaited is not null)
            {
                if (word != "=")
                {
                    Awaited = null;
                }
            }
            else if (!OnlyArguments && word == "--")
            {
                OnlyArguments = true;
            }
            else if (!OnlyArguments && word.StartsWith('-') && word.Length > 1)
            {
                PassOption(word);
            }
            else if (_arguments == 0 && _command.Subcommands.FirstOrDefault(child => child.Name == word) is { } command)
            {
                _inherited.AddRange(_command.Options.Where(static option => option.Recursive));
                _command = command;
            }
            else
            {
                _arguments++;
            }
        }

        private void PassOption(string word)
        {
            string name = word.Split('=')[0];
            if (_command.Options.Concat(_inherited).FirstOrDefault(option => option.Name == name || option.Aliases.Contains(name)) is { } option)
            {
                _given.Add(option);

                // A switch may be followed by a value, and mostly is not.
                Awaited = option.Arity.MinimumNumberOfValues > 0 && !word.Contains('=', StringComparison.Ordinal) ? option : null;
            }
        }
    }
}
