using System.Globalization;

namespace Tarn.Core.Mirroring;

/// <summary>
/// Decides from the marks of both sides which one has everything, and whether the other may be overwritten. It is pure; <see cref="Mirror"/> carries
/// it out. docs/design/mirror.md has the table.
/// </summary>
/// <param name="Lead">The side with everything: 0 for the data directory, 1 for the mirror.</param>
/// <param name="Other">What becomes of the other side.</param>
/// <param name="Missing">Why the other side is missing, if it is.</param>
public sealed record MirrorStart(int Lead, MirrorOther Other, Exception? Missing = null)
{
    /// <summary>Why orphans are kept after a start with a side that may lack what the other one has.</summary>
    public const string ForcedReason = "One side of a mirror was started by force without the other: rows of objects may be missing.";

    private const string Docs = "Nothing was changed. See docs/operations/mirror.md.";

    /// <summary>Decides which side leads, and what becomes of the other.</summary>
    /// <param name="names">The names of both.</param>
    /// <param name="looks">What both look like.</param>
    /// <param name="acceptStale">The side that may be the only one; null for none.</param>
    /// <param name="rebuild">Whether an empty place where a side was is filled.</param>
    /// <exception cref="MirrorRefusedException">No side is known to have everything that was answered, or both hold something that the other may lack.</exception>
    public static MirrorStart Decide(IReadOnlyList<string> names, IReadOnlyList<MirrorLook> looks, MirrorStale? acceptStale, bool rebuild)
    {
        if (looks[0].Store is { } own && looks[1].Store is { } its && own != its)
        {
            throw new MirrorRefusedException($"{names[0]} belongs to the store {own} and {names[1]} to the store {its}: they cannot be the sides of one mirror. {Docs}");
        }

        MirrorLook[] sides = [Examine(0), Examine(1)];
        return (sides[0].Problem, sides[1].Problem) switch
        {
            (null, null) => WithBoth(names, sides, acceptStale, rebuild),
            ({ } problem, null) => WithOne(names, sides, 1, problem, acceptStale),
            (null, { } problem) => WithOne(names, sides, 0, problem, acceptStale),
            ({ } first, { } second) => throw new MirrorRefusedException($"neither side of the mirror can be used: {first.Message}; {second.Message}. {Docs}", first),
        };

        MirrorLook Examine(int i) =>
            looks[i].Problem is null && ProblemOf(names[i], looks[i], looks[1 - i].Mark, rebuild) is { } problem ? looks[i] with { Problem = problem } : looks[i];
    }

    /// <summary>Whether a side may be filled from one that has everything: it holds nothing that the other may lack.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="look">What it looks like.</param>
    /// <param name="leader">The name of the side that has everything.</param>
    /// <param name="from">What that one looks like; its mark is null before the first start with a mirror.</param>
    /// <param name="rebuild">Whether an empty place where a side was is filled.</param>
    /// <returns>Why it may not; null if it may.</returns>
    internal static IOException? WhyNotFilled(string name, MirrorLook look, string leader, MirrorLook from, bool rebuild)
    {
        if (look.Store is { } its && from.Store is { } store && its != store)
        {
            return new IOException($"{name} belongs to the store {its} and {leader} to the store {store}: they cannot be the sides of one mirror");
        }

        if (ProblemOf(name, look, from.Mark, rebuild) is { } problem)
        {
            return problem;
        }

        if (look.Mark is not { } mark)
        {
            return look.IsEmpty ? null : new IOException(
                $"{name} holds data and was never one side of a mirror with {leader}, so it is not overwritten. If it is what shall be kept, such as a restored copy, move meta/, blobs/, store-id and the file mirror of {leader} away instead; if nobody needs it, move meta/, blobs/ and store-id away");
        }

        return from.Mark is { } leading && mark.IsBehind(leading) ? null : new IOException(
            $"{name} ({Describe(mark)}) may have writes that {leader} ({(from.Mark is { } there ? Describe(there) : "never mirrored")}) lacks, or was mirrored with another directory, so it is not overwritten");
    }

    /// <summary>Throws if a directory is started without its mirror although the other side may have more.</summary>
    /// <param name="name">The directory.</param>
    /// <param name="mark">Its mark.</param>
    /// <param name="acceptStale">The side that may be left; null for none.</param>
    /// <returns>Whether the mark has to be replaced by one that says that this side went on alone.</returns>
    public static bool DecideAlone(string name, MirrorMark mark, MirrorStale? acceptStale) => mark.Standing switch
    {
        MirrorStanding.Alone => false,
        MirrorStanding.Together when acceptStale == MirrorStale.Of(mark) => true,
        MirrorStanding.Together => throw new MirrorRefusedException(
            $"{name} is one side of a mirror ({Describe(mark)}), and the other side may have gone on alone since. Start with --mirror and the other side's directory. "
            + $"To go on without the mirror, --mirror-accept-stale {MirrorStale.Of(mark)}. {Docs}"),
        _ => throw new MirrorRefusedException(
            $"{name} does not have everything: it is one side of a mirror and was being filled from the other. Start with --mirror and the other side's directory. {Docs}"),
    };

    /// <summary>What is wrong with a side as its mark and its content, or the other's mark, show.</summary>
    private static IOException? ProblemOf(string name, MirrorLook look, MirrorMark? other, bool rebuild)
    {
        if (!look.IsEmpty)
        {
            return null;
        }

        if (look.Mark is { Standing: not MirrorStanding.Stale })
        {
            return new IOException($"{name} was one side of the mirror, but there is nothing in its meta/ and blobs/: are their file systems mounted? If the side is to be filled anew, remove its file mirror and start with --mirror-rebuild");
        }

        return look.Mark is null && other is { Partner: not 0 } && !rebuild
            ? new IOException($"{name} is empty, and was one side of the mirror: is its file system mounted? To fill it, as on a new disk, start with --mirror-rebuild")
            : null;
    }

    private static MirrorStart WithBoth(IReadOnlyList<string> names, MirrorLook[] sides, MirrorStale? acceptStale, bool rebuild)
    {
        if (sides[0].Mark is { } first && sides[1].Mark is { } second)
        {
            return WithMarks(names, first, second);
        }

        if (sides[0].Mark is null && sides[1].Mark is null)
        {
            return sides[1].IsEmpty ? new MirrorStart(0, MirrorOther.Fill)
                : sides[0].IsEmpty && rebuild ? new MirrorStart(1, MirrorOther.Fill)
                : throw new MirrorRefusedException(sides[0].IsEmpty
                    ? $"{names[0]} is empty and {names[1]} is not, though it was never one side of a mirror: is the file system of {names[0]} mounted? To fill it from {names[1]}, start with --mirror-rebuild. {Docs}"
                    : $"{names[0]} and {names[1]} both hold data, and neither was one side of a mirror: none of them is overwritten. If nobody needs what is in one of them, move its meta/, blobs/ and store-id away. {Docs}");
        }

        int lead = sides[0].Mark is null ? 1 : 0;
        MirrorMark mark = sides[lead].Mark!;
        if (!sides[1 - lead].IsEmpty)
        {
            throw new MirrorRefusedException($"{WhyNotFilled(names[1 - lead], sides[1 - lead], names[lead], sides[lead], rebuild)!.Message}. {Docs}");
        }

        return mark.Standing switch
        {
            MirrorStanding.Alone => new MirrorStart(lead, MirrorOther.Fill),
            MirrorStanding.Together when acceptStale == MirrorStale.Of(mark) => new MirrorStart(lead, MirrorOther.Fill),
            MirrorStanding.Together => throw Lacks(names, lead, mark, $"{names[1 - lead]} is empty", null),
            _ => throw BeingFilled(names, lead, $"{names[1 - lead]} is empty", null),
        };
    }

    private static MirrorStart WithMarks(IReadOnlyList<string> names, MirrorMark first, MirrorMark second)
    {
        if (first.Standing == MirrorStanding.Stale && second.Standing == MirrorStanding.Stale)
        {
            throw new MirrorRefusedException(
                $"neither side of the mirror has everything: {names[0]} was being filled, and {names[1]} was being filled too. Mount the side from which they were, or restore a backup. {Docs}");
        }

        if (first.Standing == MirrorStanding.Together && second.Standing == MirrorStanding.Together && first.Epoch == second.Epoch && first.IsPairedWith(second))
        {
            return new MirrorStart(0, MirrorOther.Together);
        }

        return second.IsBehind(first) ? new MirrorStart(0, MirrorOther.Fill)
            : first.IsBehind(second) ? new MirrorStart(1, MirrorOther.Fill)
            : throw new MirrorRefusedException(
                $"the sides of the mirror have parted, or are not those of one mirror: {names[0]} ({Describe(first)}) and {names[1]} ({Describe(second)}) may each have writes that the other lacks. "
                + $"Decide which one to keep, move meta/, blobs/, store-id and the file mirror of the other one away, and start with --mirror-rebuild. {Docs}");
    }

    private static MirrorStart WithOne(IReadOnlyList<string> names, MirrorLook[] sides, int at, Exception problem, MirrorStale? acceptStale)
    {
        string name = names[at];
        string other = names[1 - at];
        MirrorMark? lost = sides[1 - at].Mark;
        if (sides[at].Mark is not { } mark)
        {
            throw lost is null
                ? new MirrorRefusedException($"cannot begin a mirror: {problem.Message}. {Docs}", problem)
                : new MirrorRefusedException($"{name} was never one side of the mirror, and {other} cannot be used: {problem.Message}. {Docs}", problem);
        }

        if (mark.Standing == MirrorStanding.Stale)
        {
            throw BeingFilled(names, at, problem.Message, problem);
        }

        // A mark can be read where the stores cannot: it shows whether that side went on alone. Where it cannot be read, only a side that went on alone itself knows that it has everything.
        bool isNewest = lost is null
            ? mark.Standing == MirrorStanding.Alone
            : lost.IsBehind(mark)
                || (mark.Standing == MirrorStanding.Together && lost.Standing == MirrorStanding.Together && lost.IsPairedWith(mark) && lost.Epoch == mark.Epoch);
        return isNewest || acceptStale == MirrorStale.Of(mark) ? new MirrorStart(at, MirrorOther.Missing, problem) : throw Lacks(names, at, mark, problem.Message, problem);
    }

    private static MirrorRefusedException Lacks(IReadOnlyList<string> names, int at, MirrorMark mark, string problem, Exception? cause) => new(
        $"{names[1 - at]} cannot be used ({problem}), and {names[at]} may lack what was written there: {Describe(mark)}, and {names[1 - at]} may have gone on alone since. "
        + $"Mount or repair {names[1 - at]}. If it is lost for good, --mirror-accept-stale {MirrorStale.Of(mark)} starts with {names[at]} alone, "
        + $"without whatever only {names[1 - at]} has. {Docs}",
        cause!);

    private static MirrorRefusedException BeingFilled(IReadOnlyList<string> names, int at, string problem, Exception? cause) => new(
        $"{names[at]} does not have everything: it was being filled from {names[1 - at]}, which cannot be used ({problem}). Mount or repair {names[1 - at]}, or restore a backup. {Docs}",
        cause!);

    private static string Describe(MirrorMark mark) => string.Create(
        CultureInfo.InvariantCulture,
        $"{mark.Standing switch { MirrorStanding.Alone => "alone", MirrorStanding.Stale => "being filled", _ => "together with the other" }} since {mark.Since.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}, epoch {mark.Epoch}");
}

/// <summary>What becomes of the side that does not lead, at a start.</summary>
public enum MirrorOther
{
    /// <summary>It has everything too, up to the group of commits that a crash may have cut.</summary>
    Together,

    /// <summary>It is filled.</summary>
    Fill,

    /// <summary>It cannot be used, and is tried again later.</summary>
    Missing,
}
