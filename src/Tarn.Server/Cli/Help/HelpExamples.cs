namespace Tarn.Server.Cli.Help;

/// <summary>Command lines that help shows: those of a noun with it and with the verb they have.</summary>
internal static class HelpExamples
{
    /// <summary>Those that the help of the program shows.</summary>
    public static readonly IReadOnlyList<string> OfProgram =
    [
        "tarn serve --data /srv/tarn",
        "tarn org create acme",
        "tarn bucket list",
        "tarn bucket export photos --dir settings",
        "tarn policy explain --principal acme/bob --action s3:GetObject --resource photos/a.jpg",
        "tarn backup create /backup/tarn",
    ];

    public static readonly IReadOnlyList<string> All =
    [
        .. OfProgram,
        "tarn serve --data /srv/tarn --s3 0.0.0.0:9000 --tls-cert server.pem --tls-key server.key",
        "tarn accelerate --upstream https://tarn.example.com:9100 --token-file /etc/tarn/accelerator-token --cache /nvme/tarn-cache --cache-size 500GiB --s3 127.0.0.1:9000",
        "tarn status",
        "tarn status --health",
        "tarn doctor --config /etc/tarn/tarn.json --url https://s3.example.com",
        "tarn doctor accelerator --config /etc/tarn/accelerator.json",
        "tarn accelerator status",
        "tarn accelerator prestage s3://photos/2026/ --s3-endpoint http://127.0.0.1:9000",
        "tarn accelerator clear --bucket photos",
        "tarn accelerator clears",
        "tarn accelerator token create gpu-1 --network 192.0.2.0/24",
        "tarn bucket show photos --json",
        "tarn bucket samples photos --step day --from 2026-11-01",
        "tarn bucket export photos > photos.json",
        "tarn bucket apply photos photos.json --dry-run",
        "tarn bucket apply photos photos.json --create",
        "tarn bucket recount --wait",
        "tarn disk create logs --allow-ip 192.0.2.0/24",
        "tarn disk attach media /mnt/media",
        "tarn disk put film.mkv media:/films/",
        "tarn disk upload list media",
        "tarn disk share create media films/film.mkv --expires 7d",
        "tarn object damaged list",
        "tarn share create photos a.jpg --expires 1d",
        "tarn job start delete photos --prefix tmp/ --dry-run",
        "tarn job start copy photos --prefix 2026/ --to-bucket archive",
        "tarn job show 0123456789abcdef0123456789abcdef --wait",
        "tarn org policy put acme policy.json",
        "tarn user create bob --org acme --group dev",
        "tarn key create --org acme --user bob --policy read-only --bucket photos --expires 30d",
        "tarn key rotate AKIAEXAMPLE",
        "tarn token create ci --org acme",
        "tarn app create shop --org acme",
        "tarn policy lint policy.json --bucket photos",
        "tarn issuer create github --url https://token.actions.githubusercontent.com --audience tarn",
        "tarn issuer update idp --client-id tarn-console --title \"Acme's people\"",
        "tarn role create deploy --org acme --issuer github --subject repo:acme/site:*",
        "tarn request list --status error --bucket photos",
        "tarn request rates --seconds 10",
        "tarn request explain 0123456789ABCDEF",
        "tarn request explain 0123456789ABCDEF --accelerator-log /var/log/tarn-accelerate.log",
        "tarn trace --errors",
        "tarn backup list /backup/tarn",
        "tarn backup verify /backup/tarn",
        "tarn backup restore /backup/tarn --data /srv/tarn-new",
        "tarn scrub start --wait",
        "tarn scrub report",
        "tarn mirror status --wait",
        "tarn fsck --data /srv/tarn --quick",
        "tarn completion bash > /etc/bash_completion.d/tarn",
        "source <(tarn completion bash)",
    ];
}
