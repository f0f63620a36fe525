using System.IO.Compression;
using Microsoft.Playwright;
using Tarn.EndToEnd.Console.Harness;
using Tarn.EndToEnd.Harness;
using static Microsoft.Playwright.Assertions;

namespace Tarn.EndToEnd.Console;

/// <summary>One object is downloaded as it is, several as a Zip.</summary>
public sealed class ArchiveTests(Stage stage, ConsoleStage console) : Journey(stage, console)
{
    [Fact]
    public async Task Several_objects_and_folders_are_one_archive()
    {
        string bucket = await NewBucketAsync();
        string[] keys = ["album/2026/lake é.txt", "album/cover.txt", "left out.txt", "notes.txt"];
        foreach (string key in keys)
        {
            await PutAsync(bucket, key, "of " + key);
        }

        ConsolePage page = await SignedInAsync();
        await page.OpenAsync($"/buckets/{bucket}", bucket);
        await page.Files.SelectAsync("album/");
        await page.Files.SelectAsync("notes.txt");
        await page.Files.WithSelectedAsync("Download as Zip");
        await Expect(page.Dialog).ToContainTextAsync("3 objects");
        IDownload download = await page.Page.RunAndWaitForDownloadAsync(() => page.Dialog.GetByRole(AriaRole.Link, new() { Name = "Download" }).Or(page.Dialog.GetByRole(AriaRole.Button, new() { Name = "Download" })).ClickAsync());
        Assert.EndsWith(".zip", download.SuggestedFilename, StringComparison.Ordinal);
        await using ZipArchive archive = await ZipFile.OpenReadAsync(await download.PathAsync(), Cancel);
        Assert.Equal(keys.Where(key => key != "left out.txt"), archive.Entries.Select(entry => entry.FullName).Order(StringComparer.Ordinal));
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            using var content = new StreamReader(await entry.OpenAsync(Cancel));
            Assert.Equal("of " + entry.FullName, await content.ReadToEndAsync(Cancel));
        }
    }

    [Fact]
    public async Task One_object_is_downloaded_under_its_name()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "folder/lake é;\"1.html", "<h1>not opened</h1>", "text/html");
        ConsolePage page = await SignedInAsync();
        await page.OpenAsync($"/buckets/{bucket}?prefix=folder/", "folder");
        IDownload download = await page.Page.RunAndWaitForDownloadAsync(() => page.Files.ActAsync("lake é;\"1.html", "Download"));
        Assert.Equal("lake é;_1.html", download.SuggestedFilename);
        Assert.Equal("<h1>not opened</h1>", await File.ReadAllTextAsync(await download.PathAsync(), Cancel));
        await Expect(page.Heading("folder")).ToBeVisibleAsync();
    }
}
