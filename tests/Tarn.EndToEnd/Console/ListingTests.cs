using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Tarn.EndToEnd.Console.Harness;
using Tarn.EndToEnd.Harness;
using static Microsoft.Playwright.Assertions;

namespace Tarn.EndToEnd.Console;

/// <summary>A folder of many objects stays a folder that one can walk through.</summary>
public sealed partial class ListingTests(Stage stage, ConsoleStage console) : Journey(stage, console)
{
    private const int PageSize = 1000;
    private const int MostHeld = 4 * PageSize;
    private const int MostDrawn = 200;

    /// <summary>Pixels.</summary>
    private const int RowHeight = 40;

    [Fact]
    public Task Ten_thousand_objects_are_walked_through_and_back_and_searched() => WalkAsync(10_000);

    [Fact]
    [Trait("length", "long")]
    public Task A_hundred_thousand_objects_are_walked_through_and_back_and_searched() => WalkAsync(100_000);

    private async Task WalkAsync(int count)
    {
        string bucket = await NewBucketAsync("many");
        await FillAsync(bucket, isHundredfold: count > 10_000);
        ConsolePage page = await SignedInAsync();
        var tokens = new ConcurrentQueue<string>();
        page.Page.Request += (_, request) =>
        {
            if (request.Method == "GET" && Regex.Match(request.Url, @"[?&]continuation-token=([^&]+)") is { Success: true } found)
            {
                tokens.Enqueue(found.Groups[1].Value);
            }
        };
        await page.OpenAsync($"/buckets/{bucket}", bucket);
        await Expect(page.Files.Entry("item-00000")).ToBeVisibleAsync();

        // To the end: each page is asked for once, few are kept, fewer are drawn.
        int last = PageSize;
        while (last < count)
        {
            await ScrollAsync(page, int.MaxValue);
            last = await HeldBeyondAsync(page, last);
            Assert.InRange(await page.Files.Table.GetByRole(AriaRole.Row).CountAsync(), 1, MostDrawn);
        }

        await ScrollAsync(page, int.MaxValue);
        await Expect(page.Files.Entry(Name(count - 1))).ToBeVisibleAsync();
        Assert.Equal((count / PageSize) - 1, tokens.Distinct().Count());

        // Back: what was forgotten is read again by the tokens that were kept.
        string[] known = [.. tokens.Distinct()];
        tokens.Clear();
        await ScrollAsync(page, count / 5 * RowHeight);
        await Expect(page.Files.Entry(Name((count / 5) - 10))).ToBeVisibleAsync();
        Assert.NotEmpty(tokens);
        Assert.Subset(known.ToHashSet(), tokens.ToHashSet());

        // To the beginning at once, and into the middle: what is between is not read. (What is there may be held still, of ten thousand.)
        tokens.Clear();
        await ScrollAsync(page, 0);
        await Expect(page.Files.Entry("item-00000")).ToBeVisibleAsync();
        int middle = (count / 2) + (PageSize / 2);
        await ScrollAsync(page, middle * RowHeight);
        await Expect(page.Files.Entry(Name(middle))).ToBeVisibleAsync();
        Assert.Subset(new HashSet<string> { known[(middle / PageSize) - 1] }, tokens.ToHashSet());

        // By the beginning of the name, on the server.
        int found = count / 100 * 77;
        await page.Files.Search.FillAsync(Name(found)[..^1]);
        await page.Files.ExpectAsync([.. Enumerable.Range(found, 10).Select(number => Name(number))]);
        await page.Files.Search.FillAsync("ITEM");
        await page.ExpectAsync("Nothing here begins with “ITEM”");
    }

    private static string Name(int number) => Invariant($"item-{number:d5}");

    /// <summary>Makes a thousand objects by requests, and of these the others by jobs of the server, which copy no bytes.</summary>
    private async Task FillAsync(string bucket, bool isHundredfold)
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, 1000), new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = Cancel }, async (number, _) => await PutAsync(bucket, Name(number), ""));
        foreach (string digits in isHundredfold ? new[] { "0", "" } : ["0"])
        {
            string[] jobs = await Task.WhenAll(Enumerable.Range(1, 9).Select(async digit =>
                (await Stage.Api.PostAsync("/api/jobs", new { kind = "copy", bucket, prefix = $"item-{digits}0", toPrefix = Invariant($"item-{digits}{digit}") })).GetProperty("id").GetString()!));
            foreach (string job in jobs)
            {
                await DoneAsync(job);
            }
        }
    }

    private async Task DoneAsync(string job)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await tick.WaitForNextTickAsync(Cancel))
        {
            JsonElement now = await Stage.Api.GetAsync($"/api/jobs/{job}");
            if (now.GetProperty("state").GetString() is not ("queued" or "running"))
            {
                Assert.Equal("succeeded", now.GetProperty("state").GetString());
                return;
            }
        }
    }

    private static Task ScrollAsync(ConsolePage page, int top) =>
        page.Files.Table.GetByRole(AriaRole.Rowgroup).EvaluateAsync("(box, top) => box.scrollTo(0, Math.min(top, box.scrollHeight))", top);

    /// <summary>Waits until more is held than before, and returns up to which number. The page itself looks, at each frame: an expectation looks again after a second, and there are a hundred steps.</summary>
    private static async Task<int> HeldBeyondAsync(ConsolePage page, int last)
    {
        ILocator said = page.Main.GetByText(Held());
        await page.Page.WaitForFunctionAsync("([said, was]) => !said.textContent.includes(was)", new object[] { await said.ElementHandleAsync(), Invariant($" to {last:n0}") });
        Match held = Held().Match(await said.InnerTextAsync());
        int from = int.Parse(held.Groups[1].ValueSpan, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
        int to = int.Parse(held.Groups[2].ValueSpan, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
        Assert.InRange(to - from + 1, 1, MostHeld);
        return to;
    }

    [GeneratedRegex(@"^([\d,]+) to ([\d,]+)")]
    private static partial Regex Held();
}
