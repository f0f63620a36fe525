using System.Globalization;

namespace Tarn.Server.Configuration;

/// <summary>What a setting was set to, and by what: <paramref name="Label"/> is how to call the source in a message.</summary>
internal sealed record SettingValue(string Label, string[] Texts)
{
    /// <exception cref="StartupException">There is more than one.</exception>
    public string Single() =>
        Texts.Length == 1 ? Texts[0] : throw new StartupException($"{Label}: expected one value, got {Texts.Length}");

    /// <summary>The refusal of this value, naming where it came from.</summary>
    public StartupException Refusal(string why) => new($"{Label}: {why}");

    /// <exception cref="StartupException">It is empty.</exception>
    public string NotEmpty() => Single() is { Length: > 0 } text ? text : throw Refusal("must not be empty");

    /// <summary>The member whose name was given; a refusal lists the names.</summary>
    /// <exception cref="StartupException">It is none of them.</exception>
    public T Choice<T>(params ReadOnlySpan<(string Name, T Value)> choices)
    {
        string text = Single();
        var names = new List<string>();
        foreach ((string name, T choice) in choices)
        {
            if (name == text)
            {
                return choice;
            }

            names.Add(name);
        }

        throw Refusal($"'{text}' is not one of {string.Join(", ", names)}");
    }

    /// <exception cref="StartupException">It is neither true nor false.</exception>
    public bool Switch() => Choice(("true", true), ("false", false));

    /// <param name="least">The least that is allowed.</param>
    /// <param name="most">The most.</param>
    /// <param name="what">What the refusal calls it.</param>
    /// <exception cref="StartupException">It is not a number in this range.</exception>
    public long Number(long least, long most, string what = "a whole number") =>
        long.TryParse(Single(), NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number >= least && number <= most
            ? number
            : throw Refusal(string.Create(CultureInfo.InvariantCulture, $"'{Single()}' is not {what} from {least} to {most}"));

    /// <summary>Null for <c>auto</c>.</summary>
    /// <exception cref="StartupException">It is neither <c>auto</c> nor a number in this range.</exception>
    public long? NumberOrAuto(long least, long most) => Single() == "auto" ? null : Number(least, most, "auto or a whole number");
}
