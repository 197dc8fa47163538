// The families of collector `mountstats`, by the place of their number in the lines of mountstats.
#pragma once

#include <array>
#include <string_view>

#include "collectors/kit/joined.h"
#include "core/family.h"

namespace vitalsd::mountstats {

inline constexpr std::array<std::string_view, 3> kLabels = {"export", "protocol", "mountaddr"};
inline constexpr std::array<std::string_view, 4> kPointLabels = {"export", "protocol", "mountaddr", "mountpoint"};
inline constexpr std::array<std::string_view, 4> kOperationLabels = {"export", "protocol", "mountaddr", "operation"};
inline constexpr std::array<std::string_view, 4> kTransportLabels = {"export", "protocol", "mountaddr", "transport"};

struct Number {
  std::size_t place;
  Family family;
};

template <Literal Name, Literal Help, const auto& Labels, Kind OfKind = Kind::counter>
constexpr Family kFamily{joined<"node_mountstats_nfs_", Name>, OfKind, joined<Help>,
                         joined<Name>.ends_with("bytes_total")                                          ? "bytes"
                         : joined<Name>.ends_with("seconds_total") || joined<Name>.ends_with("seconds") ? "seconds"
                                                                                                        : "",
                         Labels};
template <std::size_t Place, Literal Name, Literal Help>
constexpr Number kOfMount{Place, kFamily<Name, Help, kLabels>};

inline constexpr Family kAge = kFamily<"age_seconds_total", "The age of the NFS mount in seconds.", kLabels>;
inline constexpr Family kPoint =
    kFamily<"mountpoint_info", "Info metric for an NFS mountpoint.", kPointLabels, Kind::gauge>;
inline constexpr std::array kByteCounts = {
    kOfMount<0, "read_bytes_total", "Number of bytes read using the read() syscall.">,
    kOfMount<1, "write_bytes_total", "Number of bytes written using the write() syscall.">,
    kOfMount<2, "direct_read_bytes_total", "Number of bytes read using the read() syscall in O_DIRECT mode.">,
    kOfMount<3, "direct_write_bytes_total", "Number of bytes written using the write() syscall in O_DIRECT mode.">,
    kOfMount<4, "total_read_bytes_total", "Number of bytes read from the NFS server, in total.">,
    kOfMount<5, "total_write_bytes_total", "Number of bytes written to the NFS server, in total.">,
    kOfMount<6, "read_pages_total", "Number of pages read directly via mmap()'d files.">,
    kOfMount<7, "write_pages_total", "Number of pages written directly via mmap()'d files.">,
};
// 18, congestion waits, no kernel counts any more.
inline constexpr std::array kEvents = {
    kOfMount<0, "event_inode_revalidate_total",
             "Number of times cached inode attributes are re-validated from the server.">,
    kOfMount<1, "event_dnode_revalidate_total",
             "Number of times cached dentry nodes are re-validated from the server.">,
    kOfMount<2, "event_data_invalidate_total", "Number of times an inode cache is cleared.">,
    kOfMount<3, "event_attribute_invalidate_total", "Number of times cached inode attributes are invalidated.">,
    kOfMount<4, "event_vfs_open_total", "Number of times cached inode attributes are invalidated.">,
    kOfMount<5, "event_vfs_lookup_total", "Number of times a directory lookup has occurred.">,
    kOfMount<6, "event_vfs_access_total", "Number of times permissions have been checked.">,
    kOfMount<7, "event_vfs_update_page_total", "Number of updates (and potential writes) to pages.">,
    kOfMount<8, "event_vfs_read_page_total", "Number of pages read directly via mmap()'d files.">,
    kOfMount<9, "event_vfs_read_pages_total", "Number of times a group of pages have been read.">,
    kOfMount<10, "event_vfs_write_page_total", "Number of pages written directly via mmap()'d files.">,
    kOfMount<11, "event_vfs_write_pages_total", "Number of times a group of pages have been written.">,
    kOfMount<12, "event_vfs_getdents_total", "Number of times directory entries have been read with getdents().">,
    kOfMount<13, "event_vfs_setattr_total", "Number of times directory entries have been read with getdents().">,
    kOfMount<14, "event_vfs_flush_total", "Number of pending writes that have been forcefully flushed to the server.">,
    kOfMount<15, "event_vfs_fsync_total", "Number of times fsync() has been called on directories and files.">,
    kOfMount<16, "event_vfs_lock_total", "Number of times locking has been attempted on a file.">,
    kOfMount<17, "event_vfs_file_release_total", "Number of times files have been closed and released.">,
    kOfMount<19, "event_truncation_total", "Number of times files have been truncated.">,
    kOfMount<20, "event_write_extension_total",
             "Number of times a file has been grown due to writes beyond its existing end.">,
    kOfMount<21, "event_silly_rename_total", "Number of times a file was removed while still open by another process.">,
    kOfMount<22, "event_short_read_total",
             "Number of times the NFS server gave less data than expected while reading.">,
    kOfMount<23, "event_short_write_total",
             "Number of times the NFS server wrote less data than expected while writing.">,
    kOfMount<24, "event_jukebox_delay_total",
             "Number of times the NFS server indicated EJUKEBOX; retrieving data from offline storage.">,
    kOfMount<25, "event_pnfs_read_total", "Number of NFS v4.1+ pNFS reads.">,
    kOfMount<26, "event_pnfs_write_total", "Number of NFS v4.1+ pNFS writes.">,
};
inline constexpr std::array kTransports = {
    Number{1, kFamily<"transport_bind_total",
                      "Number of times the client has had to establish a connection from scratch to the NFS server.",
                      kTransportLabels>},
    Number{2, kFamily<"transport_connect_total",
                      "Number of times the client has made a TCP connection to the NFS server.", kTransportLabels>},
    Number{4,
           kFamily<"transport_idle_time_seconds", "Duration since the NFS mount last saw any RPC traffic, in seconds.",
                   kTransportLabels, Kind::gauge>},
    Number{5, kFamily<"transport_sends_total", "Number of RPC requests for this mount sent to the NFS server.",
                      kTransportLabels>},
    Number{6, kFamily<"transport_receives_total",
                      "Number of RPC responses for this mount received from the NFS server.", kTransportLabels>},
    Number{7, kFamily<"transport_bad_transaction_ids_total",
                      "Number of times the NFS server sent a response with a transaction ID unknown to this client.",
                      kTransportLabels>},
    Number{9, kFamily<"transport_backlog_queue_total", "Total number of items added to the RPC backlog queue.",
                      kTransportLabels>},
    Number{10, kFamily<"transport_maximum_rpc_slots", "Maximum number of simultaneously active RPC requests ever used.",
                       kTransportLabels, Kind::gauge>},
    Number{11, kFamily<"transport_sending_queue_total",
                       "Total number of items added to the RPC transmission sending queue.", kTransportLabels>},
    Number{12, kFamily<"transport_pending_queue_total",
                       "Total number of items added to the RPC transmission pending queue.", kTransportLabels>},
};
inline constexpr std::array kOperations = {
    Number{
        0,
        kFamily<"operations_requests_total", "Number of requests performed for a given operation.", kOperationLabels>},
    Number{
        1,
        kFamily<"operations_transmissions_total",
                "Number of times an actual RPC request has been transmitted for a given operation.", kOperationLabels>},
    Number{2, kFamily<"operations_major_timeouts_total",
                      "Number of times a request has had a major timeout for a given operation.", kOperationLabels>},
    Number{3,
           kFamily<"operations_sent_bytes_total",
                   "Number of bytes sent for a given operation, including RPC headers and payload.", kOperationLabels>},
    Number{4, kFamily<"operations_received_bytes_total",
                      "Number of bytes received for a given operation, including RPC headers and payload.",
                      kOperationLabels>},
    Number{5, kFamily<"operations_queue_time_seconds_total",
                      "Duration all requests spent queued for transmission for a given operation before they were "
                      "sent, in seconds.",
                      kOperationLabels>},
    Number{6, kFamily<"operations_response_time_seconds_total",
                      "Duration all requests took to get a reply back after a request for a given operation was "
                      "transmitted, in seconds.",
                      kOperationLabels>},
    Number{7, kFamily<"operations_request_time_seconds_total",
                      "Duration all requests took from when a request was enqueued to when it was completely handled "
                      "for a given operation, in seconds.",
                      kOperationLabels>},
    Number{8, kFamily<"operations_errors_total", "Number of errors for a given operation", kOperationLabels>},
};
inline constexpr auto kFamilies =
    family_list<family_total(kAge, kPoint, kByteCounts, kEvents, kTransports, kOperations)>(
        kAge, kPoint, kByteCounts, kEvents, kTransports, kOperations);

}  // namespace vitalsd::mountstats
