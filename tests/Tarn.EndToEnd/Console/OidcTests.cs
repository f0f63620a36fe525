using Microsoft.Playwright;
using Tarn.EndToEnd.Console.Harness;
using Tarn.EndToEnd.Harness;
using Tarn.TestKit.Federation;
using static Microsoft.Playwright.Assertions;

namespace Tarn.EndToEnd.Console;

/// <summary>Signing in with an identity provider, which the browser visits in between.</summary>
public sealed class OidcTests(Stage stage, ConsoleStage console) : Journey(stage, console)
{
    [Fact]
    public async Task Somebody_whom_the_provider_knows_gets_what_the_role_may()
    {
        string bucket = await NewBucketAsync("team");
        string hidden = await NewBucketAsync("hidden");
        await PutAsync(bucket, "plan.txt", "the plan");
        string name = NewName("idp");
        using OidcStandIn issuer = OidcStandIn.Start();
        var codes = new OidcCodes(issuer, "console", "secret of the client");
        issuer.Page("/authorize", context =>
        {
            context.Response.Redirect(codes.Authorize(context.Request.Url!.ToString()));
            return Task.CompletedTask;
        });
        await Stage.Api.PostAsync("/api/issuers", new { name, url = issuer.Url, audiences = new[] { "console" }, console = new { clientId = "console", clientSecret = "secret of the client", title = $"People of {name}" } });
        await Stage.Api.PostAsync("/api/organizations/root/roles", new
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
}
