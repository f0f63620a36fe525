using System.Globalization;

namespace Tarn.Server.Configuration;

/// <summary>The value of a setting and its source, which messages call <paramref name="Label"/>.</summary>
internal sealed record SettingValue(string Label, string[] Texts)
{
    /// <summary>The only value.</summary>
    /// <exception cref="StartupException">There is more than one.</exception>
    public string Single() =>
        Texts.Length == 1 ? Texts[0] : throw new StartupException($"{Label}: expected one value, got {Texts.Length}");

    /// <summary>The exception that refuses this value and names its source.</summary>
    public StartupException Refusal(string why) => new($"{Label}: {why}");

    /// <summary>The only value, which must not be empty.</summary>
    /// <exception cref="StartupException">It is empty, or there is more than one.</exception>
    public string NotEmpty() => Single() is { Length: > 0 } text ? text : throw Refusal("must not be empty");

    /// <summary>The choice that the value names. The error lists all names.</summary>
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

    /// <summary>The value as a truth value.</summary>
    /// <exception cref="StartupException">It is neither true nor false.</exception>
    public bool Switch() => Choice(("true", true), ("false", false));

    /// <summary>The value as a whole number.</summary>
    /// <param name="min">The smallest number allowed.</param>
    /// <param name="max">The largest number allowed.</param>
    /// <param name="what">What the error message calls it.</param>
    /// <exception cref="StartupException">It is not a number in this range.</exception>
    public long Number(long min, long max, string what = "a whole number") =>
        long.TryParse(Single(), NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number >= min && number <= max
            ? number
            : throw Refusal(string.Create(CultureInfo.InvariantCulture, $"'{Single()}' is not {what} from {min} to {max}"));

    /// <summary>The value as a whole number; null for <c>auto</c>.</summary>
    /// <exception cref="StartupException">It is neither <c>auto</c> nor a number in this range.</exception>
    public long? NumberOrAuto(long min, long max) => Single() == "auto" ? null : Number(min, max, "auto or a whole number");
}
