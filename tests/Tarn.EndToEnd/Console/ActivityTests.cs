using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Amazon.S3;
using Microsoft.Playwright;
using Tarn.EndToEnd.Console.Harness;
using Tarn.EndToEnd.Harness;
using static Microsoft.Playwright.Assertions;

namespace Tarn.EndToEnd.Console;

/// <summary>What the server does, what it refused and why, where the time went, and what is damaged.</summary>
public sealed class ActivityTests(Stage stage, ConsoleStage console) : Journey(stage, console)
{
    [Fact]
    public async Task What_happens_now_and_what_was_refused_is_shown()
    {
        string bucket = await NewBucketAsync();
        AmazonS3Client reader = Stage.ClientOf(Stage.KeyOf(Who.Reader));
        await Assert.ThrowsAsync<AmazonS3Exception>(() => reader.PutObjectAsync(new() { BucketName = bucket, Key = "refused", ContentBody = "x" }, Cancel));
        ConsolePage page = await SignedInAsync();
        await page.OpenAsync("/activity", "Activity");
        await Expect(page.Page.GetByRole(AriaRole.Img, new() { Name = "Requests each second" })).ToBeVisibleAsync();
        await Expect(page.Page.GetByRole(AriaRole.Img, new() { Name = "Bytes each second" })).ToBeVisibleAsync();
        await Expect(page.Page.GetByRole(AriaRole.Img, new() { NameRegex = new Regex(@"^Times of requests\. Last: Half took at most (none|[\d.]+ m?s), 99 of 100 took at most (none|[\d.]+ m?s)\.$") })).ToBeVisibleAsync();
        ILocator refused = page.Section("Last refused or failed").GetByRole(AriaRole.Row).Filter(new() { HasText = $"{bucket}/refused" });
        await Expect(refused).ToContainTextAsync("403");
        await refused.GetByRole(AriaRole.Link).ClickAsync();
        await Expect(page.Heading("PutObject 403")).ToBeVisibleAsync();
        await Expect(page.Section("Why it was denied")).ToContainTextAsync("Nothing allows it");
        await Expect(page.Fact("Who").Last).ToContainTextAsync("user/reader");
        await Expect(page.Section("Where the time went").GetByRole(AriaRole.Listitem).First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Requests_are_found_by_bucket_operation_and_status()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "there", "x");
        await BytesAsync(bucket, "there");
        await Assert.ThrowsAnyAsync<AmazonS3Exception>(() => BytesAsync(bucket, "absent"));
        ConsolePage page = await SignedInAsync();
        await page.OpenAsync("/activity/requests", "Recent requests");
        await page.Field("Bucket").FillAsync(bucket);
        await page.Field("Operation").FillAsync("GetObject");
        ILocator rows = page.Main.GetByRole(AriaRole.Row);
        await Expect(rows).ToHaveCountAsync(3); // with the head
        await page.ChooseAsync("Status", "404 not found");
        await Expect(rows).ToHaveCountAsync(2);
        Assert.Contains("status=404", page.Page.Url, StringComparison.Ordinal);

        // The address leads there again.
        await page.Page.ReloadAsync();
        await Expect(rows).ToHaveCountAsync(2);
        await Expect(rows.Last).ToContainTextAsync($"{bucket}/absent");
        await rows.Last.GetByRole(AriaRole.Link).ClickAsync();
        await Expect(page.Heading("GetObject 404")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_job_is_followed_to_its_end()
    {
        string bucket = await NewBucketAsync();
        await Task.WhenAll(Enumerable.Range(0, 30).Select(number => PutAsync(bucket, Invariant($"a/{number}"), "x")));
        ConsolePage page = await SignedInAsync();
        await page.OpenAsync("/jobs", "Jobs");
        await Stage.Api.PostAsync("/api/jobs", new { kind = "delete", bucket, prefix = "a/" });
        await page.Page.ReloadAsync();
        await Expect(page.Row(bucket)).ToContainTextAsync("succeeded");
        await Expect(page.Row(bucket)).ToContainTextAsync("30");
        await page.Row(bucket).GetByRole(AriaRole.Link).ClickAsync();
        await Expect(page.Heading($"Delete {bucket}/a/")).ToBeVisibleAsync();
        await Expect(page.Fact("Done")).ToContainTextAsync("30");
    }

    [Fact]
    public async Task Damaged_objects_are_listed_and_removed()
    {
        string bucket = await NewBucketAsync();
        byte[] content = new byte[300_000];
        new Random(7).NextBytes(content);
        await S3.PutObjectAsync(new() { BucketName = bucket, Key = "rotten.bin", InputStream = new MemoryStream(content) }, Cancel);
        string file = await FileOfAsync(content);
        await using (var stored = new FileStream(file, FileMode.Open, FileAccess.ReadWrite))
        {
            stored.Position = 150_000;
            int was = stored.ReadByte();
            stored.Position = 150_000;
            stored.WriteByte((byte)(was ^ 1));
        }

        ConsolePage page = await SignedInAsync();
        await page.OpenAsync("/activity/background", "Background work");
        await page.Button("Start now").ClickAsync();
        await page.ExpectAsync("damaged data.");
        await page.Link("Look at them").ClickAsync();
        await Expect(page.Heading("Damaged objects")).ToBeVisibleAsync();
        await Expect(page.Row("rotten.bin")).ToContainTextAsync("is damaged");
        await page.Row("rotten.bin").GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();
        await page.AnswerAsync("Remove");
        await page.ExpectAsync("Nothing is damaged");
        Assert.Empty(await KeysAsync(bucket));
    }

    [Fact]
    public async Task A_page_that_nobody_looks_at_asks_nothing()
    {
        ConsolePage page = await SignedInAsync();
        await page.Page.Clock.InstallAsync();
        var asked = new ConcurrentQueue<string>();
        await page.OpenAsync("/activity", "Activity");
        await page.SettledAsync();
        page.Page.Request += (_, request) => asked.Enqueue(request.Url);
        await AsksAsync("/api/rates", () => page.Page.Clock.RunForAsync(10_000));

        await LookAsync("hidden");
        await page.Page.Clock.RunForAsync(3_000); // what was about to be asked
        await MarkAsync("first");
        asked.Clear();
        await page.Page.Clock.RunForAsync(120_000);
        await MarkAsync("second");
        Assert.EndsWith("second", Assert.Single(asked), StringComparison.Ordinal);

        await LookAsync("visible");
        await AsksAsync("/api/rates", () => page.Page.Clock.RunForAsync(10_000));

        // What was asked is told later than the clock was turned: after a request of the test's own all before it has been.
        Task MarkAsync(string mark) => AsksAsync(mark, () => page.Page.EvaluateAsync($"() => fetch('/health/live?{mark}').then(answer => answer.status)"));

        Task AsksAsync(string what, Func<Task> work) => page.Page.RunAndWaitForRequestAsync(work, request => request.Url.Contains(what, StringComparison.Ordinal));

        Task LookAsync(string state) => page.Page.EvaluateAsync("state => { Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state }); document.dispatchEvent(new Event('visibilitychange', { bubbles: true })); }", state);
    }

    /// <summary>The file in which the server keeps an object's data.</summary>
    private async Task<string> FileOfAsync(byte[] content)
    {
        byte[] head = new byte[4096];
        foreach (string path in Directory.EnumerateFiles(Stage.Server.DataDirectory, "*", SearchOption.AllDirectories).Where(path => new FileInfo(path).Length >= content.Length))
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            int read = await file.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, Cancel);
            if (head.AsSpan(0, read).IndexOf(content.AsSpan(0, 64)) >= 0)
            {
                return path;
            }
        }

        throw new InvalidOperationException("The object has no file of its own.");
    }
}
