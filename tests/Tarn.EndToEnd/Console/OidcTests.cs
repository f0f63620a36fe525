using Microsoft.Playwright;
using Tarn.EndToEnd.Console.Harness;
using Tarn.EndToEnd.Harness;
using Tarn.TestKit.Federation;
using static Microsoft.Playwright.Assertions;

namespace Tarn.EndToEnd.Console;

/// <summary>Signing in with an identity provider, which the browser visits in between.</summary>
public sealed class OidcTests(Stage stage, ConsoleStage console) : Journey(stage, console)
{
    private const string Secret = "secret of the client";

    [Fact]
    public async Task Somebody_whom_the_provider_knows_gets_what_the_role_may()
    {
        string bucket = await NewBucketAsync("team");
        string hidden = await NewBucketAsync("hidden");
        await PutAsync(bucket, "plan.txt", "the plan");
        string name = NewName("idp");
        using OidcStandIn issuer = OidcStandIn.Start();
        OidcCodes codes = CodesOf(issuer);
        await Stage.Api.PostAsync("/api/issuers", new { name, url = issuer.Url, audiences = new[] { "console" }, console = new { clientId = "console", clientSecret = Secret, title = $"People of {name}" } });
        await NewRoleAsync(name, bucket);

        ConsolePage page = await VisitAsync();
        await page.GoToAsync($"/buckets/{bucket}?prefix=");
        await page.Button($"Continue with People of {name}").ClickAsync();
        await page.Files.ExpectAsync("plan.txt");
        await page.Files.OpenAsync("plan.txt");
        await page.ExpectAsync("the plan");
        await page.OpenAsync("/buckets", "Buckets");
        await Expect(page.Link(bucket)).ToBeVisibleAsync();
        await Expect(page.Link(hidden)).ToHaveCountAsync(0);
        await Expect(page.Places.GetByRole(AriaRole.Link, new() { Name = "Your keys" })).ToHaveCountAsync(0);
        await Expect(page.Places.GetByRole(AriaRole.Link, new() { Name = "Identity" })).ToHaveCountAsync(0);
        await page.SignOutAsync();
        await Expect(page.Heading("Sign in to Tarn")).ToBeVisibleAsync();

        // Somebody whom no role lets in.
        codes.Subject = "mallory";
        await page.Button($"Continue with People of {name}").ClickAsync();
        await page.ExpectAsync("Signing in did not work");
        Assert.Contains("error=oidc", page.Page.Url, StringComparison.Ordinal);
        Assert.DoesNotContain(await page.Visit.Context.CookiesAsync(), cookie => cookie.Name.EndsWith("tarn", StringComparison.Ordinal));
    }

    [Fact]
    public async Task How_people_sign_in_is_set_changed_and_turned_off_in_the_page()
    {
        string bucket = await NewBucketAsync("team");
        string name = NewName("idp");
        using OidcStandIn issuer = OidcStandIn.Start();
        CodesOf(issuer);
        await Stage.Api.PostAsync("/api/issuers", new { name, url = issuer.Url, audiences = new[] { "console" } });
        await NewRoleAsync(name, bucket);
        ConsolePage root = await SignedInAsync();
        await root.OpenAsync("/identity/root/roles", "root");
        ILocator row = root.Section("Issuers").GetByRole(AriaRole.Row).Filter(new() { HasText = name });
        await Expect(row).ToContainTextAsync("nobody");
        await row.GetByRole(AriaRole.Button, new() { Name = "Sign-in…" }).ClickAsync();
        await Expect(root.Dialog.GetByLabel("Redirect URI", new() { Exact = true })).ToHaveTextAsync($"{Stage.Console}/api/session/oidc/root/{name}/callback");
        await Expect(root.Field("Client id")).ToHaveValueAsync("console");
        await root.Page.GetByLabel("Client secret", new() { Exact = true }).FillAsync(Secret);
        await root.Field("Title").FillAsync($"Team of {name}");
        await root.AnswerAsync("Save");
        await Expect(row).ToContainTextAsync($"Team of {name}");

        ConsolePage page = await VisitAsync();
        await EnterAsync($"Team of {name}");

        // The secret is not shown, and stays where none is typed.
        await row.GetByRole(AriaRole.Button, new() { Name = "Sign-in…" }).ClickAsync();
        await Expect(root.Page.GetByLabel("Client secret", new() { Exact = true })).ToHaveValueAsync("");
        await root.Field("Title").FillAsync($"Everybody of {name}");
        await root.ChooseAsync("Role", name);
        await root.AnswerAsync("Save");
        await Expect(row).ToContainTextAsync($"Everybody of {name}");
        await EnterAsync($"Everybody of {name}");

        await row.GetByRole(AriaRole.Button, new() { Name = "Sign-in…" }).ClickAsync();
        await root.Button("Turn it off…").ClickAsync();
        await root.AnswerAsync("Turn off");
        await Expect(row).ToContainTextAsync("nobody");
        await page.GoToAsync("/sign-in");
        await Expect(page.Button("Sign in")).ToBeVisibleAsync();
        await page.Page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        await Expect(page.Button($"Continue with Everybody of {name}")).ToHaveCountAsync(0);

        async Task EnterAsync(string title)
        {
            await page.GoToAsync("/buckets");
            await page.Button($"Continue with {title}").ClickAsync();
            await Expect(page.Link(bucket)).ToBeVisibleAsync();
            await page.SignOutAsync();
            await Expect(page.Heading("Sign in to Tarn")).ToBeVisibleAsync();
        }
    }

    /// <summary>An issuer at which alice has an account, and the console is a client.</summary>
    private static OidcCodes CodesOf(OidcStandIn issuer)
    {
        var codes = new OidcCodes(issuer, "console", Secret);
        issuer.Page("/authorize", context =>
        {
            context.Response.Redirect(codes.Authorize(context.Request.Url!.ToString()));
            return Task.CompletedTask;
        });
        return codes;
    }

    /// <summary>A role that reads one bucket, for those whom the issuer of that name calls <c>ali…</c>.</summary>
    private Task NewRoleAsync(string name, string bucket) => Stage.Api.PostAsync("/api/organizations/root/roles", new
    {
        name, issuer = name, audiences = new[] { "console" }, conditions = new { StringLike = new { sub = "ali*" } },
        policies = new[]
        {
            new
            {
                Version = "2012-10-17",
                Statement = new[] { new { Effect = "Allow", Action = new[] { "s3:ListBucket", "s3:GetObject" }, Resource = new[] { $"arn:aws:s3:::{bucket}", $"arn:aws:s3:::{bucket}/*" } } },
            },
        },
    });
}
