namespace Hospes.Host.Devices;

public sealed class DeviceTotalsTests
{
    [Fact]
    public void Counters_of_all_devices_of_a_class_add_up()
    {
        Dictionary<string, long> counters = new()
        {
            ["vif/0/tx_bytes"] = 10, ["vif/1/tx_bytes"] = 5, ["vif/0/rx_bytes"] = 3, ["vif/0/tx_packets"] = 1000,
            ["vbd/51712/rd_req"] = 7, ["vbd/51728/rd_req"] = 1, ["vbd/51712/wr_req"] = 2, ["vbd/51712/oo_req"] = 4, ["vbd/51712/rd_sect"] = 999,
        };
        DeviceTotals.Of(counters).Should().Be(new DeviceTotals(NetSentBytes: 15, NetReceivedBytes: 3, VbdOutOfRequests: 4, VbdReads: 8, VbdWrites: 2));
    }

    [Fact]
    public void Names_that_nobody_knows_and_numbers_that_cannot_be_do_no_harm()
    {
        Dictionary<string, long> counters = new() { [""] = 1, ["vifx/tx_bytes"] = 1, ["vif/0/tx_bytes"] = long.MaxValue, ["vif/1/tx_bytes"] = 1 };
        DeviceTotals.Of(counters).NetSentBytes.Should().Be(long.MinValue);
    }
}
