using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Tarn.EndToEnd.Console.Harness;
using Tarn.EndToEnd.Harness;
using Tarn.TestKit.Programs;
using Tarn.TestKit.Servers;
using static Microsoft.Playwright.Assertions;

namespace Tarn.EndToEnd.Console;

/// <summary>Every page of the console, with something on it, by the rules of axe for WCAG 2.1 A and AA: in light, in dark, and at 400 px.</summary>
public sealed partial class AccessibilityTests(Stage stage, ConsoleStage console) : Journey(stage, console)
{
    private const int Wide = 1280;
    private const int Narrow = 400;

    /// <summary>Waits until nothing moves: colours that are still changing have not the contrast that they will have. A change begins with the frame after what caused it.</summary>
    private const string BeStill =
        """
        async () => {
          const frame = () => new Promise(done => requestAnimationFrame(done));
          const isMoving = one => one.playState === 'running' && one.effect.getComputedTiming().iterations !== Infinity;
          do { await frame(); await frame(); } while (document.getAnimations().some(isMoving));
        }
        """;

    private const string Check =
        """
        async rules => {
          const { violations } = await axe.run(document, { runOnly: rules, resultTypes: ['violations'] });
          return violations.map(found => `${found.id}: ${found.nodes.map(node => node.target.join(' ')).slice(0, 3).join(' | ')}`);
        }
        """;

    private static readonly object Rules = new { type = "tag", values = new[] { "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa" } };

    /// <summary>Those of the rules that are about colours. In the dark alone, all else is the same elements at the same places.</summary>
    private static readonly object RulesOfColours = new { type = "rule", values = new[] { "color-contrast", "link-in-text-block" } };

    [Fact]
    public async Task No_page_breaks_a_rule_in_light_in_dark_or_at_400_pixels()
    {
        string script = Path.Combine(ConsoleBuild.Folder, "node_modules", "axe-core", "axe.min.js");
        if (!File.Exists(script))
        {
            InstalledPrograms.Missing("node_modules", "The packages of the console are not installed: npm ci.");
        }

        string axe = await File.ReadAllTextAsync(script, Cancel);

        // A server of its own, with nothing on it but what the list of pages is made for.
        await using TarnServer server = await TarnServer.StartAsync();
        string origin = server.Control.GetLeftPart(UriPartial.Authority);
        var root = new Credentials(server.Endpoint.AccessKey, server.Endpoint.SecretKey);
        await Programs.RunAsync(NewDirectory(), $"TARN_ROOT_ACCESS_KEY={root.AccessKey} TARN_ROOT_SECRET_KEY={root.SecretKey} '{InstalledPrograms.Need("node")}' '{ConsoleBuild.Folder}/dev/fill.mjs' {origin}");
        string disk, job, request;
        using (var api = new ControlApi(server.Control, root))
        {
            disk = (await api.GetAsync("/api/disks"))[0].GetProperty("id").GetString()!;
            job = (await api.GetAsync("/api/jobs")).GetProperty("jobs")[0].GetProperty("id").GetString()!;
            request = (await api.GetAsync("/api/requests?status=403")).GetProperty("requests")[0].GetProperty("requestId").GetString()!;
        }

        PageSession session = await Stage.BeginSessionAsync(origin, root);
        ListedPage[] pages = ListedPage.Read();
        // Two pages are looked at at a time.
        var found = new ConcurrentQueue<string>();
        var sections = new ConcurrentQueue<string>();
        await LookAsync(await VisitAsync(origin: origin), pages.Where(page => page.Outside));
        ListedPage[] inside = [.. pages.Where(page => !page.Outside)];
        await Task.WhenAll(
            LookAsync(await VisitAsync(new() { StorageState = session.Kept() }, origin), inside.Where((_, index) => index % 2 == 0)),
            LookAsync(await VisitAsync(new() { StorageState = session.Kept() }, origin), inside.Where((_, index) => index % 2 == 1)));
        Assert.True(found.IsEmpty, string.Join('\n', found));
        Assert.Empty(sections.Except(pages.Select(page => Kind(page.Path))));

        async Task LookAsync(ConsolePage page, IEnumerable<ListedPage> listed)
        {
            await page.Page.AddInitScriptAsync(axe);
            foreach (ListedPage one in listed)
            {
                await page.Page.SetViewportSizeAsync(Wide, 860);
                await page.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light, ReducedMotion = ReducedMotion.Reduce });
                await page.GoToAsync(one.PathWith(disk, job, request));
                await page.SettledAsync();
                if (one.Open is not null)
                {
                    await page.Button(one.Open).First.ClickAsync();
                    await Expect(page.Dialog).ToBeVisibleAsync();
                    await Expect(page.Page.GetByLabel("Loading")).ToHaveCountAsync(0);
                }

                foreach (string href in await page.Main.GetByRole(AriaRole.Navigation).GetByRole(AriaRole.Link).EvaluateAllAsync<string[]>("links => links.map(link => link.getAttribute('href'))"))
                {
                    sections.Enqueue(Kind(href));
                }

                await RulesAsync(page, Rules, one.Name + " in light");
                await page.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark, ReducedMotion = ReducedMotion.Reduce });
                await RulesAsync(page, RulesOfColours, one.Name + " in dark");
                await page.Page.SetViewportSizeAsync(Narrow, 860);
                await RulesAsync(page, Rules, one.Name + " at 400 px");
                int width = await page.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth");
                if (width > Narrow)
                {
                    found.Enqueue(Invariant($"{one.Name} at 400 px is {width} px wide"));
                }
            }
        }

        async Task RulesAsync(ConsolePage page, object rules, string where)
        {
            await page.Page.EvaluateAsync(BeStill);
            foreach (string violation in await page.Page.EvaluateAsync<string[]>(Check, rules))
            {
                found.Enqueue($"{where}: {violation}");
            }
        }
    }

    /// <summary>What a section is of, and its name: <c>buckets overview</c>.</summary>
    private static string Kind(string path) => Place().Replace(path, "$1 ");

    [GeneratedRegex("^/(buckets|disks|identity)/[^/]+/(settings/)?")]
    private static partial Regex Place();
}
