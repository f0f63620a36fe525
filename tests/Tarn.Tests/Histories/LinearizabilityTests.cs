using Tarn.TestKit.Histories;

namespace Tarn.Tests.Histories;

/// <summary>The judge of histories itself: it accepts what some order explains, and refuses stale reads.</summary>
public sealed class LinearizabilityTests
{
    private const long Never = RegisterOperation.Never;

    [Theory]
    [InlineData("")]
    [InlineData("r - 1 2")]
    [InlineData("w a 1 2, r a 3 4, w b 5 6, r b 7 8, w - 9 10, r - 11 12")]
    // A read beside a write gives either.
    [InlineData("w a 1 2, w b 3 8, r a 4 5, r b 6 7, r b 9 10")]
    [InlineData("w a 1 10, r - 2 3, r a 4 5, r a 6 7")]
    // Two writes at once: their order is what the reads say.
    [InlineData("w a 1 10, w b 2 9, r b 11 12, r b 13 14")]
    [InlineData("w a 1 10, w b 2 9, r a 11 12")]
    [InlineData("w a 1 20, w b 2 21, r b 3 4, r a 5 6, r a 22 23")]
    // A write without an answer: never, later, or at once.
    [InlineData("w a 1 2, w b 3 -, r a 4 5, r a 6 7")]
    [InlineData("w a 1 2, w b 3 -, r a 4 5, r b 6 7, r b 8 9")]
    [InlineData("w a 1 2, w b 3 -, r b 4 5, w c 6 7, r c 8 9")]
    [InlineData("w a 1 2, w - 3 -, r a 4 5, r - 6 7, w b 8 9, r b 10 11")]
    [InlineData("w a 1 2, w - 3 -, w - 4 -, r a 5 6, r - 7 8, w b 9 10, r b 11 12, r - 13 14")]
    public void What_an_order_explains_is_accepted(string history) => Assert.Null(Linearizability.Refute(Parse(history)));

    [Theory]
    // Stale: the write had ended before the read began.
    [InlineData("w a 1 2, w b 3 4, r a 5 6")]
    [InlineData("w a 1 2, w - 3 4, r a 5 6")]
    [InlineData("w a 1 2, r - 3 4")]
    // Back in time: what somebody has seen, nobody may miss later.
    [InlineData("w a 1 2, w b 3 10, r b 4 5, r a 6 7")]
    [InlineData("w a 1 2, w b 3 -, r b 4 5, r a 6 7")]
    [InlineData("w a 1 10, r a 2 3, r - 4 5")]
    // Two readers that see two writes in different orders.
    [InlineData("w a 1 20, w b 2 21, r a 3 4, r b 5 6, r a 7 8, r b 9 10")]
    // Before it was written, or by nobody.
    [InlineData("r a 1 2, w a 3 4")]
    [InlineData("w a 1 2, r c 3 4")]
    // One deletion without an answer explains one disappearance.
    [InlineData("w a 1 2, w - 3 -, r - 4 5, w b 6 7, r - 8 9")]
    public void What_no_order_explains_is_refused(string history) => Assert.NotNull(Linearizability.Refute(Parse(history)));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_says_what_trying_all_orders_says(int seed)
    {
        var random = new Random(seed);
        int refused = 0;
        for (int round = 0; round < 2000; round++)
        {
            RegisterOperation[] history = RandomHistory(random, 6);
            bool isLinearizable = HasOrder(history, null);
            Assert.True(isLinearizable == (Linearizability.Refute(history) is null), string.Join(", ", history.AsEnumerable()));
            refused += isLinearizable ? 0 : 1;
        }

        Assert.InRange(refused, 200, 1800);
    }

    [Fact]
    public void A_long_history_with_lost_answers_is_decided_and_one_stale_read_in_it_found()
    {
        var random = new Random(7);
        List<RegisterOperation> history = [];
        string? value = null;
        for (int i = 0; i < 4000; i++)
        {
            long at = i * 10;
            string? next = random.Next(4) == 0 ? null : $"v{i}";
            switch (random.Next(20))
            {
                case < 6:
                    history.Add(new(true, value = next, at - 3, at + 12));
                    break;
                case 6 when i % 10 == 0:
                    history.Add(new(true, next, at, Never));
                    value = random.Next(2) == 0 ? next : value;
                    break;
                default:
                    // It may still be under way when the next operation begins.
                    history.Add(new(false, value, at + 3, at + 9));
                    break;
            }
        }

        Assert.Null(Linearizability.Refute(history));
        int stale = history.FindLastIndex(static operation => operation is { IsWrite: false, Value: not null });
        string old = history.First(static operation => operation is { IsWrite: true, Value: not null }).Value!;
        history[stale] = history[stale] with { Value = old };
        Assert.NotNull(Linearizability.Refute(history));
    }

    private static RegisterOperation[] RandomHistory(Random random, int count)
    {
        var history = new RegisterOperation[count];
        for (int i = 0; i < count; i++)
        {
            // Positions differ, as those of real histories do.
            long began = (random.Next(30) * 100) + i, ended = began + ((1 + random.Next(8)) * 100) + 50;
            bool isWrite = random.Next(2) == 0;
            string? value = random.Next(3) == 0 ? null : isWrite ? $"v{i}" : $"v{random.Next(count)}";
            history[i] = new RegisterOperation(isWrite, value, began, isWrite && random.Next(4) == 0 ? Never : ended);
        }

        return history;
    }

    /// <summary>Whether some order is one: all of them are tried, with each lost write left out or not.</summary>
    private static bool HasOrder(RegisterOperation[] left, string? value)
    {
        if (left.All(static operation => operation.Ended == Never))
        {
            return true;
        }

        for (int i = 0; i < left.Length; i++)
        {
            RegisterOperation next = left[i];
            if (left.All(other => other.Ended >= next.Began)
                && (next.IsWrite || next.Value == value)
                && HasOrder([.. left[..i], .. left[(i + 1)..]], next.Value))
            {
                return true;
            }
        }

        return false;
    }

    private static RegisterOperation[] Parse(string history) =>
    [
        .. history.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(static each => each.Split(' ')).Select(static parts => new RegisterOperation(
            parts[0] == "w",
            parts[1] == "-" ? null : parts[1],
            long.Parse(parts[2], System.Globalization.CultureInfo.InvariantCulture),
            parts[3] == "-" ? Never : long.Parse(parts[3], System.Globalization.CultureInfo.InvariantCulture))),
    ];
}
