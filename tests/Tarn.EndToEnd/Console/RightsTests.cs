using System.Collections.Concurrent;
using Microsoft.Playwright;
using Tarn.EndToEnd.Console.Harness;
using Tarn.EndToEnd.Harness;
using static Microsoft.Playwright.Assertions;

namespace Tarn.EndToEnd.Console;

/// <summary>Everybody is shown the places that they may use, and no page that they may not, by whatever way they come.</summary>
public sealed class RightsTests(Stage stage, ConsoleStage console) : Journey(stage, console)
{
    private static readonly string[] Everyones = ["Buckets", "Jobs", "Activity", "Your keys"];
    private static readonly string[] Operators = ["Buckets", "Disks", "Jobs", "Activity", "Accelerators", "Identity", "Your keys", "New application"];
    private static readonly string[] RootUsers = ["Buckets", "Disks", "Jobs", "Activity", "Identity", "Your keys", "New application"];

    /// <summary>Pages by their address, with the title of each and who has it.</summary>
    private static readonly (string Path, string Title, Func<Who, bool> IsFor)[] Pages =
    [
        ("/buckets", "Buckets", _ => true), ("/disks", "Disks", IsRootUser), ("/jobs", "Jobs", _ => true), ("/activity", "Activity", _ => true),
        ("/activity/requests", "Recent requests", _ => true), ("/keys", "Your keys", _ => true),
        ("/activity/background", "Background work", who => who == Who.Root), ("/activity/damaged", "Damaged objects", who => who == Who.Root),
        ("/accelerators", "Accelerators", who => who == Who.Root),
        ("/identity", "Identity", who => who == Who.Root), ("/identity/root/users", "root", who => who == Who.Root), ("/identity/acme/users", "acme", IsRootUser),
        ("/applications/new", "New application", IsRootUser),
    ];

    [Theory]
    [InlineData(Who.Root)]
    [InlineData(Who.OrganizationRoot)]
    [InlineData(Who.Reader)]
    [InlineData(Who.LimitedKey)]
    public async Task Everybody_sees_what_they_may_use_and_nothing_else(Who who)
    {
        ConsolePage page = await SignedInAsync(who);
        var refused = new ConcurrentQueue<string>();
        page.Visit.Context.Response += (_, answer) =>
        {
            // A refusal too tells the page that the browser reaches S3.
            if (answer.Status is 401 or 403 && new Uri(answer.Url).AbsolutePath != "/")
            {
                refused.Enqueue($"{answer.Status} {answer.Request.Method} {answer.Url}");
            }
        };
        await page.OpenAsync("/", "Buckets");
        await Expect(page.Places.GetByRole(AriaRole.Link)).ToHaveTextAsync(who == Who.Root ? Operators : IsRootUser(who) ? RootUsers : Everyones);
        foreach ((string path, string title, Func<Who, bool> isFor) in Pages)
        {
            await page.GoToAsync(path);
            if (isFor(who))
            {
                await Expect(page.Heading(title)).ToBeVisibleAsync();
                await page.SettledAsync();
                Assert.Empty(refused);
            }
            else if (who == Who.OrganizationRoot && path.StartsWith("/identity", StringComparison.Ordinal))
            {
                // Of identities it has its own organization's, to which the way leads, and nothing of another's.
                await (path == "/identity" ? Expect(page.Heading("acme")).ToBeVisibleAsync() : Expect(page.Alert.First).ToContainTextAsync("Request"));
                refused.Clear();
            }
            else
            {
                await page.ExpectAsync("This page is not for you");
            }
        }
    }

    [Fact]
    public async Task A_reader_reads_what_a_policy_shows_and_is_told_why_the_rest_is_denied()
    {
        string shown = await NewBucketAsync("shown");
        string hidden = await NewBucketAsync("hidden");
        await PutAsync(shown, "notes.txt", "for readers");
        ConsolePage page = await SignedInAsync(Who.Reader);
        await page.OpenAsync("/buckets", "Buckets");
        await Expect(page.Link(shown)).ToBeVisibleAsync();
        await Expect(page.Link(hidden)).ToHaveCountAsync(0);
        await page.Link(shown).ClickAsync();
        await page.Files.OpenAsync("notes.txt");
        await page.ExpectAsync("for readers");

        await page.GoToAsync($"/buckets/{shown}/settings/access");
        await page.Button("Why was this denied?").First.ClickAsync();
        await Expect(page.Section("Why it was denied")).ToContainTextAsync("Denied");
        await Expect(page.Section("Why it was denied")).ToContainTextAsync("user/reader");

        await page.GoToAsync($"/buckets/{hidden}");
        await Expect(page.Alert).ToContainTextAsync("AccessDenied");
    }

    private static bool IsRootUser(Who who) => who is Who.Root or Who.OrganizationRoot;
}
