using Amazon.S3;
using Amazon.S3.Model;
using Microsoft.Playwright;
using Tarn.EndToEnd.Console.Harness;
using Tarn.EndToEnd.Harness;
using static Microsoft.Playwright.Assertions;

namespace Tarn.EndToEnd.Console;

/// <summary>Metadata, tags and versions of an object, and what is done with many at once.</summary>
public sealed class ObjectTests(Stage stage, ConsoleStage console) : Journey(stage, console)
{
    [Fact]
    public async Task Metadata_is_edited_and_what_was_not_touched_is_kept()
    {
        string bucket = await NewBucketAsync();
        var put = new PutObjectRequest { BucketName = bucket, Key = "site/page", ContentBody = "content", ContentType = "text/plain", StorageClass = S3StorageClass.StandardInfrequentAccess };
        put.Headers.CacheControl = "max-age=60";
        put.Headers.ContentDisposition = "inline";
        put.Headers["Content-Language"] = "en";
        put.Metadata["owner"] = "ada";
        put.Metadata["stays"] = "as it is";
        put.TagSet = [new() { Key = "album", Value = "summer" }];
        await S3.PutObjectAsync(put, Cancel);

        ConsolePage page = await SignedInAsync();
        await page.OpenAsync($"/buckets/{bucket}/object?key=site/page", "page");
        await page.Section("Metadata").GetByRole(AriaRole.Button, new() { Name = "Edit" }).ClickAsync();
        await page.Field("Content-Type").FillAsync("text/html");
        await page.Field("Cache-Control").FillAsync("no-store");
        await page.Field("Value 1").FillAsync("grace");
        await page.AnswerAsync("Save");
        await page.ExpectAsync("The metadata was saved.");
        await Expect(page.Section("Metadata")).ToContainTextAsync("grace");

        GetObjectMetadataResponse now = await S3.GetObjectMetadataAsync(bucket, "site/page", Cancel);
        Assert.Equal(
            ("text/html", "no-store", "inline", "en", "grace", "as it is"),
            (now.Headers.ContentType, now.Headers.CacheControl, now.Headers.ContentDisposition, now.Headers["Content-Language"], now.Metadata["owner"], now.Metadata["stays"]));
        Assert.Equal(S3StorageClass.StandardInfrequentAccess, now.StorageClass);
        Assert.Equal([("album", "summer")], await TagsAsync(bucket, "site/page"));
        Assert.Equal("content"u8.ToArray(), await BytesAsync(bucket, "site/page"));
    }

    [Fact]
    public async Task Tags_are_edited()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "page", "content");
        ConsolePage page = await SignedInAsync();
        await page.OpenAsync($"/buckets/{bucket}/object?key=page", "page");
        ILocator tags = page.Section("Tags");
        await tags.GetByRole(AriaRole.Button, new() { Name = "Edit" }).ClickAsync();
        await page.Dialog.GetByRole(AriaRole.Button, new() { Name = "Add" }).ClickAsync();
        await page.Field("Key 1").FillAsync("album");
        await page.Field("Value 1").FillAsync("summer = sea");
        await page.AnswerAsync("Save");
        await Expect(tags).ToContainTextAsync("album: summer = sea");
        Assert.Equal([("album", "summer = sea")], await TagsAsync(bucket, "page"));
    }

    [Fact]
    public async Task A_deleted_object_and_older_versions_are_brought_back()
    {
        string bucket = await NewVersionedBucketAsync();
        await PutAsync(bucket, "report.txt", "first");
        await PutAsync(bucket, "report.txt", "second");
        ConsolePage page = await SignedInAsync();
        await page.OpenAsync($"/buckets/{bucket}/object?key=report.txt", "report.txt");
        await Expect(page.Page.GetByLabel("Text of the object")).ToHaveTextAsync("second");
        ILocator versions = page.Section("Versions").GetByRole(AriaRole.Row);
        await Expect(versions).ToHaveCountAsync(3); // with the head

        // The older one can be looked at, has an address of its own, and is brought back as the newest.
        await versions.Nth(2).GetByRole(AriaRole.Link).ClickAsync();
        await Expect(page.Page.GetByLabel("Text of the object")).ToHaveTextAsync("first");
        Assert.Contains("version=", page.Page.Url, StringComparison.Ordinal);
        await page.Link("To the newest").ClickAsync();
        await versions.Nth(2).GetByRole(AriaRole.Button, new() { Name = "Bring back" }).ClickAsync();
        await page.AnswerAsync("Bring back");
        await Expect(page.Page.GetByLabel("Text of the object")).ToHaveTextAsync("first");
        await Expect(versions).ToHaveCountAsync(4);
        Assert.Equal("first"u8.ToArray(), await BytesAsync(bucket, "report.txt"));

        // Deleted: hidden behind a marker, which is removed.
        await page.MenuAsync("More actions", "Delete…");
        await page.AnswerAsync("Delete");
        await Expect(page.Heading(bucket)).ToBeVisibleAsync();
        await page.GoToAsync($"/buckets/{bucket}/object?key=report.txt");
        await page.ExpectAsync("The object is deleted.");
        await page.Button("Undelete").ClickAsync();
        await page.AnswerAsync("Undelete");
        await Expect(page.Page.GetByLabel("Text of the object")).ToHaveTextAsync("first");

        // One version goes for good.
        await versions.Nth(3).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await page.AnswerAsync("Delete");
        await Expect(versions).ToHaveCountAsync(3);
        Assert.Equal(2, (await S3.ListVersionsAsync(bucket, Cancel)).Versions.Count);
    }

    [Fact]
    public async Task Where_versioning_is_suspended_nothing_is_brought_back_over_the_only_copy()
    {
        string bucket = await NewVersionedBucketAsync();
        await PutAsync(bucket, "report.txt", "first");
        await PutAsync(bucket, "report.txt", "second");
        ConsolePage page = await SignedInAsync();
        await page.OpenAsync($"/buckets/{bucket}/object?key=report.txt", "report.txt");
        await Expect(page.Button("Bring back")).ToBeVisibleAsync();

        // Suspended by somebody else, while the page offers it: what is the newest by then has no other version.
        await S3.PutBucketVersioningAsync(new() { BucketName = bucket, VersioningConfig = new() { Status = VersionStatus.Suspended } }, Cancel);
        await PutAsync(bucket, "report.txt", "the only copy");
        await page.Button("Bring back").ClickAsync();
        await page.Dialog.GetByRole(AriaRole.Button, new() { Name = "Bring back", Exact = true }).ClickAsync();
        await Expect(page.Dialog.GetByRole(AriaRole.Alert)).ToContainTextAsync("Versioning is suspended, so that restoring would remove the version null of a key");
        Assert.Equal("the only copy"u8.ToArray(), await BytesAsync(bucket, "report.txt"));

        // Once the page knows, it does not offer it, and says what stays.
        await page.Page.ReloadAsync();
        await Expect(page.Section("Versions")).ToContainTextAsync("None can be brought back: versioning is suspended");
        await Expect(page.Section("Versions").GetByRole(AriaRole.Row)).ToHaveCountAsync(4); // with the head
        await Expect(page.Button("Bring back")).ToHaveCountAsync(0);
        await page.OpenAsync($"/buckets/{bucket}", bucket);
        await page.Files.ExpectAsync("report.txt");
        await Expect(page.Button("Bring back deleted…")).ToHaveCountAsync(0);
        await page.OpenAsync($"/buckets/{bucket}/settings/overview", bucket);
        await page.Button("Empty it").ClickAsync();
        await Expect(page.Dialog).ToContainTextAsync("Hide them behind delete markers; versioning is suspended, so the version null of each is deleted");
    }

    [Fact]
    public async Task What_of_a_deletion_fails_is_told_until_it_is_read_and_the_rest_is_done()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "gone.txt", "gone");
        await PutAsync(bucket, "kept.txt", "kept");
        await S3.PutBucketPolicyAsync(
            bucket,
            $$$"""{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::{{{bucket}}}/kept.txt"}}""",
            Cancel);
        ConsolePage page = await SignedInAsync();
        await page.OpenAsync($"/buckets/{bucket}", bucket);
        await page.Files.SelectAsync("gone.txt");
        await page.Files.SelectAsync("kept.txt");
        await page.Files.WithSelectedAsync("Delete");

        // Whoever thinks better of it keeps what was selected.
        await page.AnswerAsync("Cancel");
        await Expect(page.Files.Toolbar).ToContainTextAsync("2 selected");
        await page.Files.WithSelectedAsync("Delete");
        await page.Dialog.GetByRole(AriaRole.Button, new() { Name = "Delete", Exact = true }).ClickAsync();
        ILocator told = page.Page.GetByRole(AriaRole.Dialog, new() { Name = "1 of 2 entries could not be changed" });
        await Expect(told).ToContainTextAsync("kept.txt");
        await Expect(told).Not.ToContainTextAsync("gone.txt");
        Assert.Equal(["kept.txt"], await KeysAsync(bucket));
        await told.GetByRole(AriaRole.Button, new() { Name = "Why was this denied?" }).ClickAsync();
        await Expect(told).ToHaveCountAsync(0);
        await Expect(page.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("DeleteObjects");
        await page.Page.GoBackAsync();
        await page.Files.ExpectAsync("kept.txt");
    }

    [Fact]
    public async Task Objects_and_folders_are_moved_into_a_folder_together()
    {
        string bucket = await NewBucketAsync();
        await FillAsync(bucket, "one/", 20);
        await FillAsync(bucket, "two/", 20);
        await PutAsync(bucket, "single.txt", "single");
        ConsolePage page = await SignedInAsync();
        await page.OpenAsync($"/buckets/{bucket}", bucket);
        foreach (string name in new[] { "one/", "two/", "single.txt" })
        {
            await page.Files.SelectAsync(name);
        }

        await page.Files.WithSelectedAsync("Move to…");
        await Expect(page.Dialog).ToContainTextAsync("a job of the server");
        await Expect(page.Dialog).ToContainTextAsync("by this page");
        await page.Field("Into the folder").FillAsync("archive");
        await page.AnswerAsync("Move");

        // The list is that after the jobs, without being asked for again.
        await page.Files.ExpectAsync("archive/");
        await page.Files.OpenAsync("archive/");
        await page.Files.ExpectAsync("one/", "two/", "single.txt");
        string[] keys = await KeysAsync(bucket);
        Assert.Equal(41, keys.Length);
        Assert.All(keys, key => Assert.StartsWith("archive/", key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_was_deleted_below_a_folder_is_brought_back_by_a_job()
    {
        string bucket = await NewVersionedBucketAsync();
        string[] keys = ["a/1", "a/2", "a/b/3"];
        foreach (string key in keys)
        {
            await PutAsync(bucket, key, key);
            await S3.DeleteObjectAsync(bucket, key, Cancel);
        }

        ConsolePage page = await SignedInAsync();
        await page.OpenAsync($"/buckets/{bucket}?prefix=a/", "a");
        await page.Button("Bring back deleted…").ClickAsync();
        await page.ToggleAsync("Only count what would be brought back");
        await page.AnswerAsync("Bring back");
        await JobDoneAsync(page, 3);
        Assert.Equal(keys, await KeysAsync(bucket));
    }

    [Fact]
    public async Task An_object_is_renamed_and_copied_and_replaces_nothing_unasked()
    {
        string bucket = await NewBucketAsync();
        string other = await NewBucketAsync("other");
        await PutAsync(bucket, "one.txt", "one");
        await PutAsync(bucket, "taken.txt", "taken");
        ConsolePage page = await SignedInAsync();
        await page.OpenAsync($"/buckets/{bucket}", bucket);
        await page.Files.ActAsync("one.txt", "Rename…");
        await page.Field("New key").FillAsync("taken.txt");
        await page.Button("Rename").ClickAsync();
        await Expect(page.Dialog.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await page.Field("New key").FillAsync("folder/renamed.txt");
        await page.AnswerAsync("Rename");
        await page.Files.ExpectAsync("folder/", "taken.txt");

        await page.Files.ActAsync("taken.txt", "Copy…");
        await page.ChooseAsync("To bucket", other);
        await page.Field("New key").FillAsync("copied.txt");
        await page.AnswerAsync("Copy");
        Assert.Equal("taken"u8.ToArray(), await BytesAsync(other, "copied.txt"));
        Assert.Equal("one"u8.ToArray(), await BytesAsync(bucket, "folder/renamed.txt"));
        Assert.Equal(["folder/renamed.txt", "taken.txt"], await KeysAsync(bucket));
    }

    [Theory]
    [InlineData("Copy…", "Copy")]
    [InlineData("Rename…", "Rename")]
    public async Task A_folder_is_copied_or_renamed_by_a_job(string item, string action)
    {
        string bucket = await NewBucketAsync();
        await FillAsync(bucket, "from/", 60);
        ConsolePage page = await SignedInAsync();
        await page.OpenAsync($"/buckets/{bucket}", bucket);
        await page.Files.ActAsync("from/", item);
        await page.Field("New prefix").FillAsync("to/");
        await page.AnswerAsync(action);
        await page.Files.ExpectAsync(action == "Copy" ? ["from/", "to/"] : ["to/"]);
        await ToJobAsync(page, bucket);
        await JobDoneAsync(page, 60);
        string[] keys = await KeysAsync(bucket);
        Assert.Equal(60, keys.Count(key => key.StartsWith("to/", StringComparison.Ordinal)));
        Assert.Equal(action == "Copy" ? 60 : 0, keys.Count(key => key.StartsWith("from/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Objects_and_folders_are_deleted_together()
    {
        string bucket = await NewBucketAsync();
        await FillAsync(bucket, "folder/", 60);
        await PutAsync(bucket, "gone.txt", "gone");
        await PutAsync(bucket, "stays.txt", "stays");
        ConsolePage page = await SignedInAsync();
        await page.OpenAsync($"/buckets/{bucket}", bucket);
        await page.Files.SelectAsync("folder/");
        await page.Files.SelectAsync("gone.txt");
        await Expect(page.Files.Toolbar).ToContainTextAsync("2 selected");
        await page.Files.WithSelectedAsync("Delete");
        await Expect(page.Dialog).ToContainTextAsync("This cannot be taken back.");
        await page.AnswerAsync("Delete");
        await page.Files.ExpectAsync("stays.txt");
        await ToJobAsync(page, bucket);
        await JobDoneAsync(page, 60);
        Assert.Equal(["stays.txt"], await KeysAsync(bucket));
    }

    [Fact]
    public async Task A_bucket_is_emptied_and_deleted_by_its_name()
    {
        string bucket = await NewBucketAsync();
        await FillAsync(bucket, "folder/", 20);
        ConsolePage page = await SignedInAsync();
        await page.OpenAsync($"/buckets/{bucket}/settings/overview", bucket);
        await page.Button("Empty it").ClickAsync();
        await Expect(page.Dialog.GetByRole(AriaRole.Button, new() { Name = "Empty it" })).ToBeDisabledAsync();
        await page.AnswerAsync("Empty it", bucket);
        await JobDoneAsync(page, 20);
        await page.OpenAsync($"/buckets/{bucket}/settings/overview", bucket);
        await page.Button("Delete the bucket").ClickAsync();
        await page.AnswerAsync("Delete", bucket);
        await Expect(page.Heading("Buckets")).ToBeVisibleAsync();
        Assert.DoesNotContain(bucket, (await S3.ListBucketsAsync(Cancel)).Buckets.Select(found => found.BucketName));
    }

    private async Task<string> NewVersionedBucketAsync()
    {
        string bucket = await NewBucketAsync();
        await S3.PutBucketVersioningAsync(new() { BucketName = bucket, VersioningConfig = new() { Status = VersionStatus.Enabled } }, Cancel);
        return bucket;
    }

    private Task FillAsync(string bucket, string prefix, int count) => Task.WhenAll(Enumerable.Range(0, count).Select(number => PutAsync(bucket, Invariant($"{prefix}{number:d4}"), "x")));

    private async Task<(string Key, string Value)[]> TagsAsync(string bucket, string key) =>
        [.. (await S3.GetObjectTaggingAsync(new() { BucketName = bucket, Key = key }, Cancel)).Tagging.Select(tag => (tag.Key, tag.Value))];

    /// <summary>To the job that was begun for a bucket.</summary>
    private static async Task ToJobAsync(ConsolePage page, string bucket)
    {
        await page.Places.GetByRole(AriaRole.Link, new() { Name = "Jobs" }).ClickAsync();
        await page.Row(bucket).GetByRole(AriaRole.Link).ClickAsync();
    }

    private static async Task JobDoneAsync(ConsolePage page, int done)
    {
        await Expect(page.Section("Progress")).ToContainTextAsync("succeeded");
        await Expect(page.Fact("Done")).ToContainTextAsync(Invariant($"{done}"));
        await Expect(page.Fact("Failed")).ToHaveTextAsync("0");
    }
}
