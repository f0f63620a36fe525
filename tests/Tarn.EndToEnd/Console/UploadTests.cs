using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Amazon.S3.Model;
using Microsoft.Playwright;
using Tarn.EndToEnd.Console.Harness;
using Tarn.EndToEnd.Harness;
using static Microsoft.Playwright.Assertions;

namespace Tarn.EndToEnd.Console;

/// <summary>Files and folders are uploaded, paused, interrupted and gone on with; what has arrived is not sent again.</summary>
public sealed class UploadTests(Stage stage, ConsoleStage console) : Journey(stage, console)
{
    private const int Large = 24 << 20;
    private const int PartSize = 8 << 20;
    private const int Parts = Large / PartSize;

    public enum Break
    {
        /// <summary>The page is loaded anew.</summary>
        Reload,

        /// <summary>The process of the page dies.</summary>
        Crash,

        /// <summary>The browser is closed, and opened again with what it keeps on the disk.</summary>
        Restart,
    }

    [Fact]
    public async Task A_bucket_is_made_and_says_what_to_do_next()
    {
        string bucket = NewName("made");
        ConsolePage page = await SignedInAsync();
        await page.OpenAsync("/buckets", "Buckets");
        await page.Button("New bucket").First.ClickAsync();
        await page.Field("Name").FillAsync("No");
        await page.ExpectAsync("A name has 3 to 63 characters.");
        await Expect(page.Dialog.GetByRole(AriaRole.Button, new() { Name = "Create" })).ToBeDisabledAsync();
        await page.Field("Name").FillAsync(bucket);
        await page.AnswerAsync("Create");
        await Expect(page.Heading(bucket)).ToBeVisibleAsync();
        await page.ExpectAsync("This bucket is empty");
        await page.ExpectAsync("Drop files or folders anywhere on this page.");
        Assert.Contains(bucket, (await S3.ListBucketsAsync(Cancel)).Buckets.Select(found => found.BucketName));

        // A name that is taken is refused where it was typed.
        await page.OpenAsync("/buckets?new=1", "Buckets");
        await page.Field("Name").FillAsync(bucket);
        await page.Button("Create").ClickAsync();
        await Expect(page.Dialog.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_folder_is_uploaded_with_all_that_is_below_it(bool isDropped)
    {
        string bucket = await NewBucketAsync();
        string folder = NewDirectory().PathOf("album");
        var files = new Dictionary<string, byte[]>
        {
            ["album/cover.jpg"] = WriteFile(Path.Combine(folder, "cover.jpg"), 70_000),
            ["album/2026/july/lake é.txt"] = WriteFile(Path.Combine(folder, "2026", "july", "lake é.txt"), 1000),
            ["album/2026/large.bin"] = WriteFile(Path.Combine(folder, "2026", "large.bin"), Large),
        };
        ConsolePage page = await SignedInAsync();
        await page.OpenAsync($"/buckets/{bucket}", bucket);
        await page.ExpectAsync("This bucket is empty");
        if (isDropped)
        {
            await page.Files.DropAsync(folder);
        }
        else
        {
            await page.Files.UploadFolderAsync(folder);
        }

        await page.Uploads.UploadedAsync(3);
        await page.Files.ExpectAsync("album/");
        await page.Files.OpenAsync("album/");
        await page.Files.ExpectAsync("2026/", "cover.jpg");
        Assert.Equal(files.Keys.Order(StringComparer.Ordinal), (await KeysAsync(bucket)).Order(StringComparer.Ordinal));
        foreach ((string key, byte[] content) in files)
        {
            Assert.Equal(content, await BytesAsync(bucket, key));
        }
    }

    [Fact]
    public async Task A_large_file_shows_its_progress_and_can_be_paused()
    {
        string bucket = await NewBucketAsync();
        string path = NewDirectory().PathOf("large.bin");
        byte[] content = WriteFile(path, Large);
        ConsolePage page = await SignedInAsync();
        await page.OpenAsync($"/buckets/{bucket}", bucket);
        await page.Uploads.HoldPartsAsync();
        await page.Files.UploadAsync(path);
        await Expect(page.Uploads.Progress("large.bin")).ToBeVisibleAsync();
        await page.Uploads.ExpectAsync(new Regex(@"[1-9][0-9.]* MiB of 24 MiB"));
        await page.Uploads.ExpectAsync("left");
        await page.Uploads.ActAsync("Pause", "large.bin");
        await page.Uploads.ExpectAsync("1 upload paused");
        Assert.Single((await S3.ListMultipartUploadsAsync(bucket, Cancel)).MultipartUploads);
        page.Uploads.ReleaseParts();
        await page.Uploads.ActAsync("Resume", "large.bin");
        await page.Uploads.UploadedAsync(1);
        Assert.Equal(content, await BytesAsync(bucket, "large.bin"));
    }

    [Theory]
    [InlineData(Break.Reload)]
    [InlineData(Break.Crash)]
    [InlineData(Break.Restart)]
    public async Task An_upload_goes_on_after_a_break_without_sending_what_arrived(Break kind)
    {
        (ConsolePage page, string bucket, string path) = await UploadInPartAsync();
        ConcurrentDictionary<int, int> sent = CountParts(page);
        if (kind == Break.Reload)
        {
            await page.Uploads.ActAsync("Pause", "large.bin");
            await page.Uploads.ExpectAsync("Paused at");
        }

        page = await BreakAsync(page, kind, $"/buckets/{bucket}");
        await page.Uploads.ExpectAsync("Interrupted. Pick large.bin (24 MiB) again");
        sent.Clear();
        int[] arrived = await ArrivedAsync(bucket);
        Assert.InRange(arrived.Length, 1, Parts - 1);
        page.Uploads.ReleaseParts();
        await page.Uploads.PickAsync("large.bin", path);
        await page.Uploads.UploadedAsync(1);
        Assert.Equal(Enumerable.Range(1, Parts).Except(arrived), sent.Keys.Order());
        Assert.All(sent.Values, times => Assert.Equal(1, times));
        Assert.Equal(await File.ReadAllBytesAsync(path, Cancel), await BytesAsync(bucket, "large.bin"));
        Assert.Empty((await S3.ListMultipartUploadsAsync(bucket, Cancel)).MultipartUploads ?? []);
        await page.Page.ReloadAsync();
        await page.Files.ExpectAsync("large.bin");
        await Expect(page.Uploads.Panel).ToHaveCountAsync(0);

        async Task<ConsolePage> BreakAsync(ConsolePage left, Break how, string place)
        {
            if (how == Break.Reload)
            {
                await left.Page.ReloadAsync();
                return left;
            }

            if (how == Break.Crash)
            {
                ICDPSession browser = await left.Visit.Context.NewCDPSessionAsync(left.Page);
                IPage dead = left.Page;
                var crashed = new TaskCompletionSource();
                dead.Crash += (_, _) => crashed.TrySetResult();
                _ = browser.SendAsync("Page.crash");
                await crashed.Task.WaitAsync(Cancel);
                await left.Visit.OpenAsync();
                await left.GoToAsync(place);
                return left;
            }

            string state = await left.Visit.Context.StorageStateAsync(new() { IndexedDB = true });
            await left.Visit.DisposeAsync();
            ConsolePage again = await VisitAsync(new() { StorageState = state });
            sent = CountParts(again);
            await again.GoToAsync(place);
            return again;
        }
    }

    [Fact]
    public async Task Another_file_of_that_name_is_not_taken_for_the_one_that_was_interrupted()
    {
        (ConsolePage page, string bucket, string path) = await UploadInPartAsync();
        await page.Uploads.ActAsync("Pause", "large.bin");
        await page.Uploads.ExpectAsync("Paused at");
        await page.Page.ReloadAsync();
        await page.Uploads.ExpectAsync("Interrupted");

        // Of the same length, so that only the parts' checksums tell it from the first.
        byte[] other = new byte[Large];
        new Random(1).NextBytes(other);
        await File.WriteAllBytesAsync(path, other, Cancel);
        page.Uploads.ReleaseParts();
        await page.Uploads.PickAsync("large.bin", path);
        await page.Uploads.UploadedAsync(1);
        Assert.Equal(other, await BytesAsync(bucket, "large.bin"));
    }

    [Fact]
    public async Task An_interrupted_upload_can_be_ended_and_leaves_nothing()
    {
        (ConsolePage page, string bucket, _) = await UploadInPartAsync();
        page.Visit.Leaves = true;
        await page.Page.ReloadAsync();
        await page.Uploads.ExpectAsync("Interrupted");
        await page.Uploads.Panel.GetByRole(AriaRole.Button, new() { Name = "End the upload" }).ClickAsync();
        await Expect(page.Uploads.Panel).ToHaveCountAsync(0);
        Assert.Empty((await S3.ListMultipartUploadsAsync(bucket, Cancel)).MultipartUploads ?? []);
        await page.Page.ReloadAsync();
        await page.ExpectAsync("This bucket is empty");
        await Expect(page.Uploads.Panel).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task An_interrupted_upload_can_be_ended_when_its_bucket_is_gone()
    {
        (ConsolePage page, string bucket, _) = await UploadInPartAsync();
        await page.Uploads.ActAsync("Pause", "large.bin");
        await page.Uploads.ExpectAsync("Paused at");

        // Out of the way it stays in sight, since it is not done.
        await page.Uploads.Panel.GetByRole(AriaRole.Button, new() { Name = "Hide" }).ClickAsync();
        await Expect(page.Uploads.Progress("large.bin")).ToHaveCountAsync(0);
        await page.Uploads.Panel.GetByRole(AriaRole.Button, new() { Name = "1 upload paused" }).ClickAsync();
        await Expect(page.Uploads.Progress("large.bin")).ToBeVisibleAsync();
        await page.Page.ReloadAsync();
        await page.Uploads.ExpectAsync("Interrupted");
        foreach (MultipartUpload upload in (await S3.ListMultipartUploadsAsync(bucket, Cancel)).MultipartUploads)
        {
            await S3.AbortMultipartUploadAsync(bucket, upload.Key, upload.UploadId, Cancel);
        }

        await S3.DeleteBucketAsync(bucket, Cancel);
        await page.Uploads.Panel.GetByRole(AriaRole.Button, new() { Name = "End the upload" }).ClickAsync();
        await Expect(page.Uploads.Panel).ToHaveCountAsync(0);
        await page.OpenAsync("/buckets", "Buckets");
        await page.SettledAsync();
        await Expect(page.Uploads.Panel).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task What_others_left_unfinished_is_ended_among_the_settings()
    {
        string bucket = await NewBucketAsync();
        await S3.InitiateMultipartUploadAsync(bucket, "left behind.bin", Cancel);
        ConsolePage page = await SignedInAsync();
        await page.OpenAsync($"/buckets/{bucket}/settings/uploads", bucket);
        await page.Row("left behind.bin").GetByRole(AriaRole.Button, new() { Name = "End" }).ClickAsync();
        await page.AnswerAsync("End");
        await page.ExpectAsync("There are none");
        Assert.Empty((await S3.ListMultipartUploadsAsync(bucket, Cancel)).MultipartUploads ?? []);
    }

    [Fact]
    public async Task What_is_there_is_replaced_only_when_that_is_said()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "small.txt", "old");
        string path = NewDirectory().PathOf("small.txt");
        byte[] content = WriteFile(path, 5000);
        ConsolePage page = await SignedInAsync();
        await page.OpenAsync($"/buckets/{bucket}", bucket);
        await page.Files.UploadAsync(path);
        await page.Uploads.ExpectAsync("There is one of this name already");
        Assert.Equal("old"u8.ToArray(), await BytesAsync(bucket, "small.txt"));
        await page.Uploads.ActAsync("Replace", "small.txt");
        await page.Uploads.UploadedAsync(1);
        Assert.Equal(content, await BytesAsync(bucket, "small.txt"));
    }

    /// <summary>How often each part was sent, by its number.</summary>
    private static ConcurrentDictionary<int, int> CountParts(ConsolePage page)
    {
        var sent = new ConcurrentDictionary<int, int>();
        page.Visit.Context.Request += (_, request) =>
        {
            if (request.Method == "PUT" && Regex.Match(request.Url, @"[?&]partNumber=(\d+)") is { Success: true } found)
            {
                sent.AddOrUpdate(int.Parse(found.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture), 1, (_, times) => times + 1);
            }
        };
        return sent;
    }

    /// <summary>Begins to upload <c>large.bin</c> to a new bucket, and returns once the first part has arrived; the others are held on their way.</summary>
    private async Task<(ConsolePage Page, string Bucket, string Path)> UploadInPartAsync()
    {
        string bucket = await NewBucketAsync();
        string path = NewDirectory().PathOf("large.bin");
        WriteFile(path, Large);
        ConsolePage page = await SignedInAsync();
        await page.OpenAsync($"/buckets/{bucket}", bucket);
        await page.Uploads.HoldPartsAsync();
        await page.Page.RunAndWaitForResponseAsync(
            () => page.Files.UploadAsync(path), answer => answer.Request.Method == "PUT" && answer.Url.Contains("partNumber=", StringComparison.Ordinal) && answer.Ok);
        return (page, bucket, path);
    }

    private async Task<int[]> ArrivedAsync(string bucket)
    {
        MultipartUpload upload = Assert.Single((await S3.ListMultipartUploadsAsync(bucket, Cancel)).MultipartUploads);
        return [.. (await S3.ListPartsAsync(bucket, upload.Key, upload.UploadId, Cancel)).Parts.Select(part => part.PartNumber!.Value)];
    }
}
