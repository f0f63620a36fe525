using Microsoft.Playwright;
using Tarn.EndToEnd.Console.Harness;
using Tarn.EndToEnd.Harness;
using Tarn.TestKit.Programs;
using Tarn.TestKit.Servers;
using static Microsoft.Playwright.Assertions;

namespace Tarn.EndToEnd.Console;

/// <summary>What is shown to paste into programs works as it is.</summary>
public sealed class ConnectTests(Stage stage, ConsoleStage console) : Journey(stage, console)
{
    [Fact]
    public async Task A_new_application_is_ready_in_one_step()
    {
        string aws = InstalledPrograms.Need("aws");
        string python = InstalledPrograms.Need(InstalledPrograms.PythonsWithBoto3[0]);
        string name = NewName("app");
        ConsolePage page = await SignedInAsync();
        await page.OpenAsync("/", "Buckets");
        await page.Places.GetByRole(AriaRole.Link, new() { Name = "New application" }).ClickAsync();
        await page.Field("Name of the application").FillAsync(name);
        await page.Button("Create").ClickAsync();
        await Expect(page.Page.GetByRole(AriaRole.Dialog, new() { Name = $"{name} is ready" })).ToContainTextAsync("This is shown once.");

        TemporaryDirectory home = NewDirectory();
        await File.WriteAllTextAsync(home.PathOf("FILE"), "an object", Cancel);
        string shell = await page.SnippetAsync("AWS CLI");
        await Programs.RunAsync(home, $"aws() {{ {aws} \"$@\"; }}\n{shell}");
        Assert.Equal("an object"u8.ToArray(), await BytesAsync(name, "FILE"));
        await File.WriteAllTextAsync(home.PathOf("list.py"), await page.SnippetAsync("boto3"), Cancel);
        Assert.Equal("FILE 9\n", await Programs.RunAsync(home, $"{python} list.py"));

        await page.StoredAsync();
        await Expect(page.Heading(name)).ToBeVisibleAsync();
        await page.Page.ReloadAsync();
        await page.Files.ExpectAsync("FILE");
    }

    [Fact]
    public async Task A_bucket_shows_how_programs_reach_it_and_a_key_is_made_for_them()
    {
        string aws = InstalledPrograms.Need("aws");
        string python = InstalledPrograms.Need(InstalledPrograms.PythonsWithBoto3[0]);
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "one.txt", "one");
        ConsolePage page = await SignedInAsync();
        await page.OpenAsync($"/buckets/{bucket}/settings/connect", bucket);
        await Expect(page.Fact("Endpoint")).ToContainTextAsync(Stage.Server.Endpoint.Address);
        string shell = await page.SnippetAsync("AWS CLI");
        string program = await page.SnippetAsync("boto3");
        await page.Link("Make a key").ClickAsync();
        await page.Button("New key").First.ClickAsync();
        await page.ChooseAsync("It may", "Read and write");
        await page.Button("Create").ClickAsync();
        Credentials key = await page.KeyOnceAsync();
        await Expect(page.Row(key.AccessKey)).ToContainTextAsync("never");

        TemporaryDirectory home = NewDirectory();
        await File.WriteAllTextAsync(home.PathOf("FILE"), "an object", Cancel);
        await File.WriteAllTextAsync(home.PathOf("list.py"), Filled(program, key), Cancel);
        await Programs.RunAsync(home, $"aws() {{ {aws} \"$@\"; }}\n{Filled(shell, key)}");
        Assert.Equal("FILE 9\none.txt 3\n", await Programs.RunAsync(home, $"{python} list.py"));
    }

    [Fact]
    public async Task The_palette_leads_everywhere_by_a_part_of_the_name()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "deep/folder/one.txt", "one");
        ConsolePage page = await SignedInAsync();
        await page.OpenAsync("/jobs", "Jobs");
        await page.Page.Keyboard.PressAsync("Control+K");
        await page.Page.GetByLabel("Go to", new() { Exact = true }).FillAsync(bucket + "/deep/folder/");
        await page.ExpectAsync("Open this folder");
        await page.Page.Keyboard.PressAsync("ArrowDown");
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page.Heading("folder")).ToBeVisibleAsync();
        await page.Files.ExpectAsync("one.txt");
    }

    private static string Filled(string snippet, Credentials key) =>
        snippet.Replace("ACCESS_KEY_ID=ACCESS_KEY", $"ACCESS_KEY_ID={key.AccessKey}", StringComparison.Ordinal)
            .Replace("SECRET_ACCESS_KEY=SECRET_KEY", $"SECRET_ACCESS_KEY={key.SecretKey}", StringComparison.Ordinal)
            .Replace("\"ACCESS_KEY\"", $"\"{key.AccessKey}\"", StringComparison.Ordinal).Replace("\"SECRET_KEY\"", $"\"{key.SecretKey}\"", StringComparison.Ordinal);
}
