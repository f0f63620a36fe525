using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Tarn.EndToEnd.Console.Harness;
using Tarn.EndToEnd.Harness;
using static Microsoft.Playwright.Assertions;

namespace Tarn.EndToEnd.Console;

/// <summary>The console on a telephone's width, and for those who use only a keyboard.</summary>
public sealed partial class ReachTests(Stage stage, ConsoleStage console) : Journey(stage, console)
{
    private const string LongKey = "a-folder-with-a-rather-long-name/and-another-one-below-it/a-file-whose-name-goes-on-and-on-without-a-single-space-in-it.parquet";

    /// <summary>That every page fits with ordinary names is shown where each is looked at for accessibility.</summary>
    [Fact]
    [Trait("length", "long")]
    public async Task No_page_is_wider_than_a_window_of_400_pixels_for_the_length_of_a_name()
    {
        string bucket = await NewBucketAsync("a-bucket-with-quite-a-long-name-of-its-own");
        await PutAsync(bucket, LongKey, "x");
        await Stage.Api.PostAsync("/api/shares", new { bucket, key = LongKey, expiresIn = 3600 });
        string job = (await Stage.Api.PostAsync("/api/jobs", new { kind = "copy", bucket, prefix = "a-folder", toPrefix = "copy-of-a-folder" })).GetProperty("id").GetString()!;
        string disk = (await Stage.Api.PostAsync("/api/disks", new { name = NewName("narrow") })).GetProperty("diskId").GetString()!;
        JsonElement request = (await Stage.Api.GetAsync($"/api/requests?bucket={bucket}")).GetProperty("requests")[0];
        string key = Uri.EscapeDataString(LongKey);
        IEnumerable<string> places = ListedPage.Read().Where(page => !page.Outside && (page.Path.StartsWith("/buckets", StringComparison.Ordinal) || page.Path.StartsWith("/activity", StringComparison.Ordinal) || page.Path.StartsWith("/jobs", StringComparison.Ordinal)))
            .Select(page => page.PathWith(disk, job, request.GetProperty("requestId").GetString()!))
            .Select(path => BucketOfPath().Replace(path, "/buckets/" + bucket)).Select(path => KeyOfPath().Replace(path, "?key=" + key)).Select(path => PrefixOfPath().Replace(path, ""))
            .Distinct();
        ConsolePage page = await SignedInAsync(options: new() { ViewportSize = new() { Width = 400, Height = 800 } });
        var wide = new List<string>();
        foreach (string place in places)
        {
            await page.GoToAsync(place);
            await Expect(page.Page.GetByRole(AriaRole.Heading, new() { Level = 1, IncludeHidden = true }).First).ToBeVisibleAsync();
            await Expect(page.Page.GetByLabel("Loading")).ToHaveCountAsync(0);
            int width = await page.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth");
            if (width > 400)
            {
                wide.Add(Invariant($"{place}: {width}"));
            }
        }

        Assert.Empty(wide);
        await page.GoToAsync("/buckets");
        await page.Button("Open the menu").ClickAsync();
        await page.Places.GetByRole(AriaRole.Link, new() { Name = "Jobs" }).ClickAsync();
        await Expect(page.Heading("Jobs")).ToBeVisibleAsync();
        await Expect(page.Places).Not.ToBeInViewportAsync();
    }

    [Fact]
    public async Task A_keyboard_is_enough()
    {
        string bucket = NewName("keys");
        string path = NewDirectory().PathOf("typed.txt");
        byte[] content = WriteFile(path, 3000);
        ConsolePage page = await VisitAsync();
        await page.GoToAsync("/");
        IKeyboard keyboard = page.Page.Keyboard;
        await Expect(page.Field("Access key")).ToBeFocusedAsync();
        await keyboard.TypeAsync(Stage.KeyOf(Who.Root).AccessKey);
        await keyboard.PressAsync("Tab");
        await keyboard.TypeAsync(Stage.KeyOf(Who.Root).SecretKey);
        await keyboard.PressAsync("Enter");
        await Expect(page.Heading("Buckets")).ToBeVisibleAsync();

        await PressAsync(page, page.Button("New bucket").First);
        await Expect(page.Field("Name")).ToBeFocusedAsync();
        await keyboard.TypeAsync(bucket);
        await keyboard.PressAsync("Enter");
        await Expect(page.Heading(bucket)).ToBeVisibleAsync();
        await Expect(page.Dialog).ToHaveCountAsync(0);
        await PressAsync(page, page.Link("Buckets").First);
        await Expect(page.Heading("Buckets")).ToBeVisibleAsync();
        await PressAsync(page, page.Link(bucket), most: 300);
        await Expect(page.Heading(bucket)).ToBeVisibleAsync();

        IFileChooser chooser = await ChooseAsync(page);
        await chooser.SetFilesAsync(path);
        await page.Uploads.UploadedAsync(1);
        Assert.Equal(content, await BytesAsync(bucket, "typed.txt"));

        await PressAsync(page, page.Files.Table.GetByRole(AriaRole.Checkbox, new() { Name = "Select typed.txt" }), "Space");
        await PressAsync(page, page.Files.Toolbar.GetByRole(AriaRole.Button, new() { Name = "Delete" }));
        await Expect(page.Dialog).ToBeVisibleAsync();
        await PressAsync(page, page.Dialog.GetByRole(AriaRole.Button, new() { Name = "Delete" }));
        await page.ExpectAsync("This bucket is empty");
        Assert.Empty(await KeysAsync(bucket));
    }

    /// <summary>Has the browser ask for files. On a busy machine a menu that is still being drawn loses the focus, and what is pressed then is pressed again, as people do.</summary>
    private static async Task<IFileChooser> ChooseAsync(ConsolePage page)
    {
        Task<IFileChooser> asked = page.Page.WaitForFileChooserAsync();
        while (!asked.IsCompleted)
        {
            if (!await page.MenuItem("Files…").IsVisibleAsync())
            {
                await PressAsync(page, page.Button("Upload"));
                await Expect(page.MenuItem("Files…")).ToBeVisibleAsync();
            }

            await page.Page.Keyboard.PressAsync("ArrowDown");
            if (await page.Page.Locator("*:focus").And(page.MenuItem("Files…")).CountAsync() > 0)
            {
                await page.Page.Keyboard.PressAsync("Enter");
                await Task.WhenAny(asked, Task.Delay(TimeSpan.FromSeconds(5), Cancel));
            }
        }

        return await asked;
    }

    /// <summary>Goes to an element by the tabulator, forwards or backwards, and presses it.</summary>
    private static async Task PressAsync(ConsolePage page, ILocator target, string key = "Enter", int most = 80)
    {
        await Expect(target).ToBeVisibleAsync();
        for (int steps = 0; steps < most; steps++)
        {
            if (await page.Page.Locator("*:focus").And(target).CountAsync() > 0)
            {
                await page.Page.Keyboard.PressAsync(key);
                return;
            }

            await page.Page.Keyboard.PressAsync("Tab");
        }

        Assert.Fail($"The tabulator does not lead to {target}.");
    }

    [GeneratedRegex("^/buckets/[^/?]+")]
    private static partial Regex BucketOfPath();

    [GeneratedRegex(@"\?key=.*")]
    private static partial Regex KeyOfPath();

    [GeneratedRegex(@"\?prefix=.*")]
    private static partial Regex PrefixOfPath();
}
