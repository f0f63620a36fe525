using System.Globalization;

namespace Tarn.Core.Mirroring;

/// <summary>
/// Decides from the marks of both sides which one has everything. It is pure; <see cref="Mirror"/> carries it out.
/// docs/design/mirror.md has the table.
/// </summary>
/// <param name="Lead">The side with everything: 0 for the data directory, 1 for the mirror.</param>
/// <param name="Other">What becomes of the other side.</param>
/// <param name="Missing">Why the other side is missing, if it is.</param>
public sealed record MirrorStart(int Lead, MirrorOther Other, Exception? Missing = null)
{
    private const string Docs = "See docs/operations/mirror.md.";

    /// <summary>Decides which side leads, and what becomes of the other.</summary>
    /// <param name="names">The names of both.</param>
    /// <param name="looks">What both look like.</param>
    /// <param name="acceptStale">The epoch of a side that may be the only one; null for none.</param>
    /// <param name="rebuild">Whether an empty place where a side was is filled.</param>
    /// <exception cref="MirrorRefusedException">No side is known to have everything that was answered.</exception>
    public static MirrorStart Decide(IReadOnlyList<string> names, IReadOnlyList<MirrorLook> looks, ulong? acceptStale, bool rebuild)
    {
        MirrorLook[] sides = [.. looks];
        // Before epoch 2 no second side ever had everything.
        bool wasMirrored = sides.Any(static side => side.Mark is { Epoch: > 1 });
        for (int i = 0; i < 2; i++)
        {
            if (wasMirrored && !rebuild && sides[i] is { IsEmpty: true, Mark: null, Problem: null })
            {
                sides[i] = sides[i] with
                {
                    Problem = new IOException($"{names[i]} is empty, and was one side of the mirror: is its file system mounted? To fill it, as on a new disk, start with --mirror-rebuild"),
                };
            }
        }

        return (sides[0].Problem, sides[1].Problem) switch
        {
            (null, null) => WithBoth(names, sides),
            ({ } problem, null) => WithOne(names, sides, 1, problem, acceptStale),
            (null, { } problem) => WithOne(names, sides, 0, problem, acceptStale),
            ({ } first, { } second) => throw new MirrorRefusedException($"neither side of the mirror can be used: {first.Message}; {second.Message}", first),
        };
    }

    private static MirrorStart WithBoth(IReadOnlyList<string> names, MirrorLook[] sides)
    {
        if (sides[0].Mark is not { } first)
        {
            // A side without a mark is filled, unless it is the only one with anything in it.
            return sides[1].Mark is { } only ? Fill(names, sides, 1, only) : new MirrorStart(sides[0].IsEmpty && !sides[1].IsEmpty ? 1 : 0, MirrorOther.Fill);
        }

        if (sides[1].Mark is not { } second)
        {
            return Fill(names, sides, 0, first);
        }

        if (first.Standing == MirrorStanding.Together && second.Standing == MirrorStanding.Together && first.Epoch == second.Epoch)
        {
            return new MirrorStart(0, MirrorOther.Together);
        }

        if (first.Standing == MirrorStanding.Stale || second.Standing == MirrorStanding.Stale)
        {
            return first.Standing != MirrorStanding.Stale ? Fill(names, sides, 0, first) : Fill(names, sides, 1, second);
        }

        int newer = first.Epoch >= second.Epoch ? 0 : 1;
        return sides[1 - newer].Mark!.Standing != MirrorStanding.Alone && first.Epoch != second.Epoch
            ? new MirrorStart(newer, MirrorOther.Fill)
            : throw new MirrorRefusedException(
                $"the sides of the mirror have parted: {names[0]} ({Describe(first)}) and {names[1]} ({Describe(second)}) each have writes that the other lacks. Nothing was changed. "
                + $"Decide which one to keep, move meta/, blobs/ and the file mirror of the other one away, and start with --mirror-rebuild. {Docs}");
    }

    private static MirrorStart Fill(IReadOnlyList<string> names, MirrorLook[] sides, int lead, MirrorMark mark) =>
        mark.Standing == MirrorStanding.Stale
            ? throw new MirrorRefusedException(
                $"{names[lead]} was being filled from the other side of the mirror and does not have everything, and {names[1 - lead]} "
                + $"{(sides[1 - lead].Mark is null ? "is not that side" : "was being filled too")}. Nothing was changed. Mount the other side, or restore a backup. {Docs}")
            : new MirrorStart(lead, MirrorOther.Fill);

    private static MirrorStart WithOne(IReadOnlyList<string> names, MirrorLook[] sides, int at, Exception problem, ulong? acceptStale)
    {
        string name = names[at];
        string other = names[1 - at];
        MirrorMark? lost = sides[1 - at].Mark;
        if (sides[at].Mark is not { } mark)
        {
            throw lost is null
                ? new MirrorRefusedException($"cannot begin a mirror: {problem.Message}", problem)
                : new MirrorRefusedException($"{name} was never one side of the mirror, and {other} cannot be used: {problem.Message}", problem);
        }

        if (mark.Standing == MirrorStanding.Stale)
        {
            throw new MirrorRefusedException(
                $"{name} does not have everything: it was being filled from {other}, which cannot be used ({problem.Message}). Nothing was changed. "
                + $"Mount or repair {other}, or restore a backup. {Docs}",
                problem);
        }

        // A mark can be read where the stores cannot: it shows whether that side went on alone.
        bool isNewest = mark.Standing == MirrorStanding.Alone
            ? lost is not { Standing: MirrorStanding.Alone } || lost.Epoch < mark.Epoch
            : lost is { } && (lost.Standing == MirrorStanding.Stale || (lost.Standing == MirrorStanding.Together && lost.Epoch <= mark.Epoch));
        return isNewest || acceptStale == mark.Epoch
            ? new MirrorStart(at, MirrorOther.Missing, problem)
            : throw new MirrorRefusedException(
                $"{other} cannot be used ({problem.Message}), and {name} may lack what was written there: {Describe(mark)}, and {other} may have gone on alone since. Nothing was changed. "
                + $"Mount or repair {other}. If it is lost for good, --mirror-accept-stale {mark.Epoch.ToString(CultureInfo.InvariantCulture)} starts with {name} alone, "
                + $"without whatever only {other} has. {Docs}",
                problem);
    }

    /// <summary>Throws if a directory is started without its mirror although the other side may have more.</summary>
    /// <param name="name">The directory.</param>
    /// <param name="mark">Its mark.</param>
    /// <param name="acceptStale">The epoch that may be left; null for none.</param>
    /// <returns>Whether the mark has to be replaced by one that says that this side went on alone.</returns>
    public static bool DecideAlone(string name, MirrorMark mark, ulong? acceptStale) => mark.Standing switch
    {
        MirrorStanding.Alone => false,
        MirrorStanding.Together when acceptStale == mark.Epoch => true,
        MirrorStanding.Together => throw new MirrorRefusedException(
            $"{name} is one side of a mirror ({Describe(mark)}), and the other side may have gone on alone since. Nothing was changed. Start with --mirror and the other side's directory. "
            + $"To go on without the mirror, --mirror-accept-stale {mark.Epoch.ToString(CultureInfo.InvariantCulture)}. {Docs}"),
        _ => throw new MirrorRefusedException(
            $"{name} does not have everything: it is one side of a mirror and was being filled from the other. Nothing was changed. Start with --mirror and the other side's directory. {Docs}"),
    };

    private static string Describe(MirrorMark mark) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(mark.Standing == MirrorStanding.Alone ? "alone" : "together with the other")} since {mark.Since.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}, epoch {mark.Epoch}");
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
